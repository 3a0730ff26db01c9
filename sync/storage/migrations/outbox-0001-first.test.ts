import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { createFolder } from '../fake-folder.ts';
import { migrate } from './migrate.ts';
import { outboxFirst } from './outbox-0001-first.ts';

async function openSchema(): Promise<Connection> {
	const connection = await openConnection({ file: path.join(createFolder(), 'outbox.db'), mode: 'create', pragmas: {} });
	onTestFinished(() => connection.close());
	await migrate(connection, [outboxFirst], () => '');
	return connection;
}

function insert(change: Readonly<Record<string, string | number | null>> = {}): readonly [string, (string | number | null)[]] {
	const row = {
		event_id: 'e1',
		request_id: 'r1',
		incarnation: 'i1',
		seq: 1,
		status: 'pending',
		action: 'checkout',
		event: '{"data":{}}',
		event_bytes: 11,
		points_estimated: 5,
		cashier: 'c1',
		occurred_at: 1_700_000_000_000,
		monotonic: 3_000_000_000,
		boot_id: 'b',
		skew: -3_000_000_000,
		...change,
	};
	const columns = Object.keys(row);
	return [`INSERT INTO entry (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, Object.values(row)];
}

test('times beyond 32 bits are stored as whole numbers', async () => {
	const connection = await openSchema();
	await connection.run(...insert());
	expect(await connection.get('SELECT status, occurred_at, monotonic, skew, typeof(occurred_at) AS type FROM entry')).toEqual({
		status: 'pending',
		occurred_at: 1_700_000_000_000,
		monotonic: 3_000_000_000,
		skew: -3_000_000_000,
		type: 'integer',
	});
});

test.each([
	['an event id', { request_id: 'r2', seq: 2 }],
	['a request id', { event_id: 'e2', seq: 2 }],
	['a place in the order', { event_id: 'e2', request_id: 'r2' }],
])('%s is taken once, and a refused recording leaves nothing', async (_what, change) => {
	const connection = await openSchema();
	await connection.run(...insert());
	const enrolment = JSON.stringify({ folded_name: ' ann', consents: {} });
	await expect(connection.run(...insert({ ...change, member_id: 'm2', action: 'opt_in', enrolment }))).rejects.toMatchObject({
		failure: 'constraint',
	});
	expect(await connection.all('SELECT event_id FROM entry')).toEqual([{ event_id: 'e1' }]);
	expect(await connection.all('SELECT * FROM enrolment')).toEqual([]);
});

test('a number in the order is at least 1 and a status is one of ours', async () => {
	const connection = await openSchema();
	await expect(connection.run(...insert({ seq: 0 }))).rejects.toMatchObject({ failure: 'constraint' });
	await connection.run(...insert());
	await expect(connection.run(`UPDATE entry SET status = 'lost'`)).rejects.toMatchObject({ failure: 'constraint' });
});

test.each([
	[
		'the next batch',
		`SELECT position FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND position > 5 ORDER BY position`,
		'entry_open',
	],
	['an outcome', `SELECT status FROM entry WHERE event_id IN (SELECT value FROM json_each('[]'))`, 'sqlite_autoindex_entry_1'],
	['the next moment', 'SELECT min(next_attempt_at) FROM entry WHERE next_attempt_at IS NOT NULL', 'entry_next_attempt'],
	['a receipt', `SELECT event_id FROM entry WHERE receipt_number = 'R1' AND action = 'checkout'`, 'entry_receipt'],
	['refunds', `SELECT points FROM entry WHERE action IN ('refund', 'partial_refund') AND transaction_id IN ('t')`, 'entry_refund'],
	['a shift', 'SELECT status FROM entry WHERE occurred_at >= 5', 'entry_occurred'],
	['a card', `SELECT member_id FROM enrolment WHERE barcode = 'c'`, 'enrolment_barcode'],
])('%s is found by its index', async (_what, sql, index) => {
	const connection = await openSchema();
	const plan = await connection.all(`EXPLAIN QUERY PLAN ${sql}`);
	expect(plan.map(({ detail }) => String(detail)).join('\n')).toContain(index);
	expect(plan.some(({ detail }) => String(detail).includes('TEMP B-TREE'))).toBe(false);
});
