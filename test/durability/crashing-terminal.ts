/**
 * A process to be killed: `outbox` records, takes and settles without end, with the journal beside it; `replica` loads snapshots without end;
 * `sales` records as many sales as it is told, one after another. It writes to standard output, a line each, what has resolved, and nothing else.
 */
import { mkdirSync, writeSync } from 'node:fs';
import { systemRandom } from '#main/devices/system-clock.ts';
import { assert } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { applied, createRecordings } from '#sync/outbox/fake-recordings.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import { memberRows, snapshotOf } from '#sync/replica/fake-members.ts';
import { openJournalledOutbox } from '#sync/storage/journalled-outbox.ts';
import { openReplica } from '#sync/storage/replica-database.ts';

/** What the process works on until it is killed. */
export type Subject = 'outbox' | 'replica' | 'sales';

const [what, folder = '', seed = '0', count = '0'] = process.argv.slice(2);
const clock: Clock = { nowMs: () => Date.UTC(2026, 10, 22), monotonicMs: () => performance.now(), bootId: 'child' };
const random: Random = { fraction: seededRandom(Number(seed)).fraction, bytes: systemRandom.bytes };

/** At once and whole, so that a kill in the next moment takes nothing back. */
function tell(resolved: string): void {
	writeSync(1, `${resolved}\n`);
}

async function open(): Promise<Outbox> {
	mkdirSync(folder, { recursive: true });
	const journal = { folder: `${folder}/journal`, keyBox: null };
	const opened = await openJournalledOutbox({ folder, clock, random, journal, isLossAccepted: false });
	assert(opened.ok, () => JSON.stringify(opened));
	return opened.value.outbox;
}

async function work(): Promise<never> {
	const outbox = await open();
	const recordings = createRecordings(random);
	for (;;) {
		const recorded = await outbox.record(random.fraction() < 0.2 ? recordings.enrolment() : recordings.sale());
		assert(recorded.ok, () => JSON.stringify(recorded));
		tell(`recorded ${recorded.value.eventId}`);
		if (random.fraction() > 0.1) continue;
		const batch = await outbox.takeBatch({ events: 10, bytes: 100_000, nowMs: 0 });
		await outbox.settle(
			batch.map(({ eventId }) => applied(eventId, 'm1', 1)),
			0,
		);
		for (const { eventId } of batch) tell(`applied ${eventId}`);
	}
}

async function sell(): Promise<void> {
	const outbox = await open();
	const recordings = createRecordings(random);
	tell('begun');
	for (let sale = 0; sale < Number(count); sale += 1) {
		const recorded = await outbox.record(recordings.sale());
		assert(recorded.ok, () => JSON.stringify(recorded));
		tell(`recorded ${recorded.value.eventId}`);
	}
	await outbox.close();
}

async function load(): Promise<never> {
	const opened = await openReplica({ folder, clock });
	assert(opened.ok, () => JSON.stringify(opened));
	const { manifest, files } = snapshotOf(memberRows(3000), { fileRows: 300 });
	for (;;) {
		const begun = await opened.value.beginLoad(manifest);
		assert(begun.ok, () => JSON.stringify(begun));
		for (const [path, lines] of files) {
			const added = await begun.value.addFile(path, lines);
			assert(added.ok, () => JSON.stringify(added));
			tell(`added ${path}`);
		}
		const finished = await begun.value.finish();
		assert(finished.ok, () => JSON.stringify(finished));
		tell('finished');
	}
}

const subjects: Readonly<Record<Subject, () => Promise<void>>> = { outbox: work, replica: load, sales: sell };
assert(what === 'outbox' || what === 'replica' || what === 'sales', 'a subject');
await subjects[what]();
