import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { applied } from '../outbox/fake-recordings.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { openCheckpointer } from './checkpointer.ts';
import { openConnection } from './connection.ts';
import { createOutbox } from './outbox/create-outbox.ts';
import { expectOk, openFresh } from './outbox/fake-opened-outbox.ts';
import type { OpenedOutbox } from './outbox/fake-opened-outbox.ts';
import { readMemory } from './outbox/outbox-context.ts';
import { DURABLE } from './outbox/outbox-file.ts';

/** An outbox on a "disk" of so many pages, which grows once when room is asked for. */
async function openSmall(
	pages: number,
): Promise<Pick<OpenedOutbox, 'recordings'> & { readonly outbox: Outbox; readonly asked: () => number }> {
	const { folder, time, recordings, outbox } = await openFresh();
	await outbox.close();
	const file = path.join(folder, 'outbox.db');
	const writer = await openConnection({ file, mode: 'existing', pragmas: { ...DURABLE, max_page_count: pages } });
	const reader = await openConnection({ file, mode: 'existing', pragmas: { query_only: 1 } });
	const checkpointer = await openCheckpointer({ file, commitsPerLook: 100, logBytes: 0, pragmas: DURABLE });
	let asked = 0;
	const small = createOutbox({
		writer,
		reader,
		checkpointer,
		clock: time.clock,
		random: time.random,
		memory: await readMemory(writer),
		makeRoom: async () => {
			asked += 1;
			if (asked > 1) return false;
			await writer.execute(`PRAGMA max_page_count=${pages * 2}`);
			return true;
		},
	});
	onTestFinished(small.close);
	return { outbox: small, recordings, asked: () => asked };
}

test('on a full disk room is made and the sale is recorded; without room it is refused and nothing is lost', async () => {
	const { outbox, recordings, asked } = await openSmall(45);
	let recorded = 0;
	let result = await outbox.record(recordings.sale());
	for (; result.ok; result = await outbox.record(recordings.sale())) recorded += 1;
	expect(result).toMatchObject({ error: { code: 'DISK-101' } });
	expect(asked()).toBe(2);
	expect(recorded).toBeGreaterThan(40);
	expect((await outbox.list({ limit: 500 })).map(({ seq }) => seq)).toEqual(
		Array.from({ length: recorded }, (_, index) => recorded - index),
	);
	expect((await outbox.counts()).pending).toBe(recorded);
});

test('outcomes find room on a full disk as well', async () => {
	const { outbox, recordings, asked } = await openSmall(45);
	const eventIds = [];
	while (asked() === 0) eventIds.push(expectOk(await outbox.record(recordings.sale())).eventId);
	await outbox.takeBatch({ events: 500, bytes: 1_000_000, nowMs: 0 });
	await outbox.settle(
		eventIds.map((eventId) => applied(eventId, 'm1', 1)),
		0,
	);
	expect((await outbox.counts()).applied).toBe(eventIds.length);
});
