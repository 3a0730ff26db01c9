import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { createFolder } from '../fake-folder.ts';
import { migrate } from './migrate.ts';
import { outboxFirst } from './outbox-0001-first.ts';
import { outboxClosed } from './outbox-0002-closed.ts';

const INSERT = (name: string, status: string): string => `
	INSERT INTO entry (event_id, request_id, incarnation, seq, status, action, member_id, event, event_bytes, points_estimated, cashier, enrolment,
		card_number, occurred_at, monotonic, boot_id, skew)
	VALUES ('${name}', 'r-${name}', 'i', (SELECT coalesce(max(seq), 0) + 1 FROM entry), '${status}', 'opt_in', 'm-${name}', '{"data":{}}', 11, 5, 'c1',
		'{"folded_name":" ann","consents":{}}', 7, 1, 2, 'b', 0)`;

async function openFirst(): Promise<Connection> {
	const connection = await openConnection({ file: path.join(createFolder(), 'outbox.db'), mode: 'create', pragmas: {} });
	onTestFinished(() => connection.close());
	await migrate(connection, [outboxFirst], () => '');
	await connection.run(`INSERT INTO state VALUES (1, 'i', 0, 0, 0, 0, NULL)`);
	for (const name of ['a', 'b', 'c']) await connection.run(INSERT(name, 'rejected'));
	await connection.run(`DELETE FROM entry WHERE event_id = 'b'`);
	return connection;
}

const step = (connection: Connection): Promise<void> =>
	migrate(connection, [outboxFirst, outboxClosed], () => path.join(createFolder(), 'copy.db'));

async function shapeOf(connection: Connection): Promise<readonly unknown[]> {
	return connection.all(`SELECT type, name FROM sqlite_schema WHERE tbl_name = 'entry' ORDER BY type, name`);
}

test('every row keeps its place and its content, and every index and trigger is there again', async () => {
	const connection = await openFirst();
	const [rows, shape] = [await connection.all('SELECT * FROM entry ORDER BY position'), await shapeOf(connection)];
	await step(connection);
	expect(await connection.all('SELECT * FROM entry ORDER BY position')).toEqual(rows.map((row) => ({ ...row, closing: null })));
	expect(await shapeOf(connection)).toEqual(shape);
	expect(await connection.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
	await connection.run(INSERT('d', 'pending'));
	expect(await connection.all('SELECT position FROM entry ORDER BY position')).toEqual([{ position: 1 }, { position: 3 }, { position: 4 }]);
	expect(await connection.all('SELECT event_id FROM enrolment ORDER BY event_id')).toHaveLength(4);
});

test('an entry may be closed from then on, and nothing else that is no status of ours', async () => {
	const connection = await openFirst();
	await expect(connection.run(`UPDATE entry SET status = 'closed'`)).rejects.toMatchObject({ failure: 'constraint' });
	await step(connection);
	await connection.run(`UPDATE entry SET status = 'closed', closing = '{}'`);
	await expect(connection.run(`UPDATE entry SET status = 'lost'`)).rejects.toMatchObject({ failure: 'constraint' });
});

test('a step that is broken off leaves the first version', async () => {
	const connection = await openFirst();
	await expect(
		connection.transaction(async (tx) => {
			await outboxClosed.run(tx);
			throw new Error('the power fails');
		}),
	).rejects.toThrow('the power fails');
	expect(await connection.get('PRAGMA user_version')).toEqual({ user_version: 1 });
	expect(await connection.all('SELECT position FROM entry')).toHaveLength(2);
	await expect(connection.run('SELECT closing FROM entry')).rejects.toThrow(/closing/);
});
