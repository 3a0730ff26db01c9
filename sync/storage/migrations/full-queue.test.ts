import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { ENTRY_STATUSES } from '../../outbox/entry.ts';
import { createRecordings } from '../../outbox/fake-recordings.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import { openConnection } from '../connection.ts';
import { createFolder } from '../fake-folder.ts';
import { openOutbox } from '../outbox-database.ts';
import { expectOk } from '../outbox/fake-opened-outbox.ts';
import { RECOVERED_ROW_SQL, RecoveredRowSchema } from '../recovery/recovered-row.ts';
import type { Migration } from './migration.ts';
import { outboxFirst } from './outbox-0001-first.ts';
import { OUTBOX_MIGRATIONS } from './outbox-migrations.ts';

const ENTRIES = 10_000;
const time = createFakeTime({ settle: setImmediate });
const recordings = createRecordings(time.random);
/** Those of the first version. */
const STATUSES = ENTRY_STATUSES.filter((status) => status !== 'closed');

/** A step of the kind that a version really takes: a column more, filled from what is there, in every row. */
const NEXT: Migration = {
	version: OUTBOX_MIGRATIONS.length + 1,
	run: (tx) =>
		tx.execute(`ALTER TABLE entry ADD COLUMN day TEXT; UPDATE entry SET day = date(occurred_at / 1000, 'unixepoch');
			CREATE INDEX entry_day ON entry (day)`),
};

async function open(folder: string, migrations: readonly Migration[]): ReturnType<typeof openOutbox> {
	const opened = await openOutbox({ folder, clock: time.clock, random: time.random, migrations });
	if (opened.ok) onTestFinished(() => opened.value.close());
	return opened;
}

/** An outbox of the first version with thousands of entries in all states, filled beside the program: each by itself would take a flush. */
async function fillFirstVersion(folder: string): Promise<void> {
	const outbox = expectOk(await open(folder, [outboxFirst]));
	const first = expectOk(await outbox.record(recordings.sale()));
	await outbox.close();
	const connection = await openConnection({ file: path.join(folder, 'outbox.db'), mode: 'existing', pragmas: {} });
	const { row } = must(await connection.get(`SELECT ${RECOVERED_ROW_SQL} AS row FROM entry`), 'the first row');
	const model = RecoveredRowSchema.parse(JSON.parse(String(row)));
	const columns = ['event_bytes', ...Object.keys(model).filter((column) => column !== 'closing')];
	const rows = Array.from({ length: ENTRIES - 1 }, (_, index) => {
		const { eventId, requestId, event } = index % 7 === 0 ? recordings.enrolment() : recordings.sale();
		const seq = index + 2;
		const status = STATUSES[seq % STATUSES.length];
		const text = JSON.stringify({ ...event, event_id: eventId, seq, occurred_at: model.occurred_at });
		const { action } = event;
		return {
			...model,
			event_id: eventId,
			request_id: requestId,
			seq,
			status,
			action,
			event: text,
			event_bytes: Buffer.byteLength(text),
			incarnation: first.incarnation,
		};
	});
	await connection.run(
		`INSERT INTO entry (${columns.join(', ')}) SELECT ${columns.map((column) => `value->>'$.${column}'`).join(', ')} FROM json_each(?1)`,
		[JSON.stringify(rows)],
	);
	await connection.close();
}

/** All that both versions keep of every entry, as it lies in the file. */
async function readRows(folder: string): Promise<readonly string[]> {
	const connection = await openConnection({ file: path.join(folder, 'outbox.db'), mode: 'existing', pragmas: {} });
	const rows = await connection.all(`SELECT position || ' ' || ${RECOVERED_ROW_SQL} AS row FROM entry ORDER BY position`);
	await connection.close();
	return rows.map(({ row }) => String(row));
}

async function readAll(outbox: Outbox): Promise<readonly string[]> {
	const lines: string[] = [];
	for (let before = Number.MAX_SAFE_INTEGER; ;) {
		const page = await outbox.list({ before, limit: 500 });
		lines.push(...page.map((entry) => JSON.stringify(entry)));
		if (page.length < 500) return lines;
		before = page.at(-1)?.position ?? 0;
	}
}

test(
	'a full queue in all states survives the step to the next version, and the version before refuses it afterwards',
	{ timeout: 120_000 },
	async () => {
		const folder = createFolder();
		await fillFirstVersion(folder);
		const old = expectOk(await open(folder, [outboxFirst]));
		const counts = await old.counts();
		await old.close();
		const before = await readRows(folder);
		expect(before).toHaveLength(ENTRIES);
		expect(Math.min(...STATUSES.map((status) => counts[status]))).toBeGreaterThanOrEqual(ENTRIES / STATUSES.length - 1);

		const upgraded = expectOk(await open(folder, [...OUTBOX_MIGRATIONS, NEXT]));
		expect(await readRows(folder)).toEqual(before);
		expect(await readAll(upgraded)).toHaveLength(ENTRIES);
		expect(await upgraded.counts()).toEqual(counts);
		expect(upgraded.state()).toMatchObject({ maxSeq: ENTRIES });
		await upgraded.recoverSending();
		expect(await upgraded.takeBatch({ events: 500, bytes: 1_000_000, nowMs: 0 })).toHaveLength(500);
		expect(expectOk(await upgraded.record(recordings.sale())).seq).toBe(ENTRIES + 1);
		await upgraded.close();
		expect(readdirSync(folder).filter((name) => name.startsWith('outbox.pre-'))).toEqual(['outbox.pre-2.db']);

		const bytes = readFileSync(path.join(folder, 'outbox.db'));
		expect(await open(folder, [outboxFirst])).toMatchObject({ ok: false, error: { code: 'DISK-104' } });
		expect(readFileSync(path.join(folder, 'outbox.db'))).toEqual(bytes);
	},
);
