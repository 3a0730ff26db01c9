import type { Queryable } from '#sync/hq/storage/database.ts';

/** Everything that headquarters has in its database at one moment, as text: a backup that can be put back into the same database. */
export type TableCopy = { readonly rows: ReadonlyMap<string, string>; readonly sequences: ReadonlyMap<string, number | null> };

/** What is no data of headquarters: the steps of its schema, and the table of `balance-log.ts`. */
const NOT_COPIED = ['schema_version', 'balance_log'];

export async function copyTables(database: Queryable): Promise<TableCopy> {
	const rows = new Map<string, string>();
	for (const table of await tablesOf(database)) {
		const [copy] = await database.query<{ rows: string }>(
			`SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS rows FROM "${table}" AS t`,
		);
		rows.set(table, copy?.rows ?? '[]');
	}
	const sequences = await database.query<{ name: string; last: number | null }>(
		"SELECT sequencename AS name, last_value::bigint AS last FROM pg_sequences WHERE schemaname = 'public'",
	);
	return { rows, sequences: new Map(sequences.map(({ name, last }) => [name, last])) };
}

/** Puts a copy in the place of everything that is there; nothing may use the database meanwhile. */
export async function putTablesBack(database: Queryable, { rows, sequences }: TableCopy): Promise<void> {
	// No triggers and no order of tables: the copy is whole, whatever refers to what.
	await database.exec('SET session_replication_role = replica');
	await database.exec(`TRUNCATE ${(await tablesOf(database)).map((table) => `"${table}"`).join(', ')}`);
	for (const [table, copy] of rows)
		await database.query(`INSERT INTO "${table}" SELECT * FROM jsonb_populate_recordset(NULL::"${table}", $1::jsonb)`, [copy]);
	for (const [name, last] of sequences) await database.query('SELECT setval($1::regclass, $2, $3)', [name, last ?? 1, last !== null]);
	await database.exec('SET session_replication_role = DEFAULT');
}

async function tablesOf(database: Queryable): Promise<string[]> {
	const tables = await database.query<{ name: string }>(
		"SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
	);
	return tables.map(({ name }) => name).filter((name) => !NOT_COPIED.includes(name));
}
