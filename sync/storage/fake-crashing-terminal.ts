/**
 * A process to be killed: `outbox` records, takes and settles without end, `replica` loads snapshots without end. It tells its parent of
 * everything that has resolved, and of nothing else.
 */
import { seededRandom } from '#shared/lib/fake-time.ts';
import { assert } from '#shared/lib/assert.ts';
import type { Clock } from '#shared/lib/clock.ts';
import { applied, createRecordings } from '../outbox/fake-recordings.ts';
import { memberRows, snapshotOf } from '../replica/fake-members.ts';
import { openOutbox } from './outbox-database.ts';
import { openReplica } from './replica-database.ts';

/** What the process works on until it is killed. */
export type Subject = 'outbox' | 'replica';

const [what, folder, seed] = process.argv.slice(2);
assert(folder !== undefined && seed !== undefined, 'a folder and a seed');
const clock: Clock = { nowMs: () => Date.UTC(2026, 10, 22), monotonicMs: () => 0, bootId: 'child' };
const random = seededRandom(Number(seed));

function tell(resolved: string): void {
	process.send?.(resolved);
}

async function record(): Promise<never> {
	const opened = await openOutbox({ folder: folder ?? '', clock, random });
	assert(opened.ok, () => JSON.stringify(opened));
	const outbox = opened.value;
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

async function load(): Promise<never> {
	const opened = await openReplica({ folder: folder ?? '', clock });
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

await (what === 'outbox' ? record() : load());
