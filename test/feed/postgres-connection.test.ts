import { afterAll, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { openPostgres } from '#sync/hq/storage/postgres.ts';

const url = must(process.env['REGULARS_TEST_DATABASE_URL'], 'a PostgreSQL server: this suite belongs to the project postgresql');
const database = openPostgres(url, () => undefined);
afterAll(() => database.close());

type Prepared = { readonly statement: string; readonly calls: number };
const PREPARED = 'SELECT statement, (generic_plans + custom_plans)::int AS calls FROM pg_prepared_statements ORDER BY prepare_time';

test('statements of transactions are prepared once per connection, others are not', async () => {
	const inTransaction = (value: number): Promise<readonly Prepared[]> =>
		database.tx(async (tx) => {
			expect(await tx.query('SELECT $1::int AS value', [value])).toEqual([{ value }]);
			return tx.query<Prepared>(PREPARED);
		});
	await database.query('SELECT $1::int AS alone', [1]);
	// One after the other they are given the same connection.
	await inTransaction(1);
	const prepared = await inTransaction(2);
	expect(prepared.map(({ statement }) => statement)).toEqual(['SELECT $1::int AS value', PREPARED]);
	expect(prepared[0]?.calls).toBe(2);
});

test('a text whose parameters change their kind is refused as it would be alone', async () => {
	await expect(database.tx((tx) => tx.query('SELECT $1::int AS value', ['no number']))).rejects.toMatchObject({ code: '22P02' });
	await expect(database.tx((tx) => tx.query('SELECT $1::int AS value', [3]))).resolves.toEqual([{ value: 3 }]);
});
