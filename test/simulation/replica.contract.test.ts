/** The replica in memory against the real one on SQLite: the same random loads, pages and erasures, and after every one the same rows and the same place. */
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { CursorSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { createFakeTime, seededRandom } from '#shared/lib/fake-time.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import { createFakeReplica } from '#sync/replica/fake-replica.ts';
import type { FakeReplica } from '#sync/replica/fake-replica.ts';
import { memberRow, snapshotOf, toLines } from '#sync/replica/fake-members.ts';
import type { ReplicaLoad } from '#sync/replica/replica.ts';
import { createFolder } from '#sync/storage/fake-folder.ts';
import { openReplica } from '#sync/storage/replica-database.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 40;
const IDS = Array.from({ length: 12 }, (_, index) => `m${index}`);

type Compared = Pick<FakeReplica, 'state' | 'findById' | 'beginLoad' | 'applyPage' | 'erase'>;
type Call = (replica: Compared) => Promise<unknown>;
type Draw = { readonly below: (limit: number) => number };

function drawRow({ below }: Draw, id: string): MemberRow {
	const whole = {
		card: `CARD-${id}`,
		first_name: `Ann ${below(9)}`,
		points: below(900),
		aliases: below(3) === 0 ? [[`P-${id}`, 'pass', 'active']] : [],
	};
	const tombstones = [{ status: 'merged', merged_into: 'm0', merged_ver: 1 }, { status: 'opted_out' }];
	const state = tombstones[below(12)] ?? whole;
	return memberRow({ id, ver: 1 + below(9), seq: below(99), ...state });
}

type Snapshot = { readonly manifest: SnapshotManifest; readonly files: ReadonlyMap<string, readonly Uint8Array[]> };

function drawSnapshot(draw: Draw, name: string): Snapshot {
	const rows = IDS.filter(() => draw.below(4) > 0).map((id) => drawRow(draw, id));
	return snapshotOf(rows, { name, hqEpoch: 1 + draw.below(2), fileRows: 4 });
}

/** Loads some of the files, or all of them and then finishes. */
function loadCall({ manifest, files }: Snapshot, filesLoaded: number): Call {
	return async (replica) => {
		const begun = await replica.beginLoad(manifest);
		const load: ReplicaLoad = must(begun.ok ? begun.value : null, 'a load');
		const known = manifest.files.map(({ path }) => load.isLoaded(path));
		const paths = [...files.keys()].slice(0, filesLoaded);
		const added = [];
		for (const path of paths) added.push(await load.addFile(path, must(files.get(path), 'a file')));
		const isWhole = manifest.files.every(({ path }) => load.isLoaded(path));
		if (isWhole) return [known, added, await load.finish()];
		await load.suspend();
		return [known, added];
	};
}

function drawCall(draw: Draw, snapshots: Snapshot[]): Call {
	const kind = draw.below(10);
	if (kind === 0) return (replica) => replica.erase();
	if (kind < 4) {
		if (snapshots.length === 0 || draw.below(2) === 0) snapshots.push(drawSnapshot(draw, `s${snapshots.length}`));
		return loadCall(must(snapshots.at(-1), 'a snapshot'), draw.below(5));
	}
	const rows = IDS.filter(() => draw.below(3) === 0).map((id) => drawRow(draw, id));
	const page = {
		lines: toLines(rows, 2),
		next: CursorSchema.parse(`c${draw.below(99)}`),
		hqEpoch: 1 + draw.below(2),
		asOfMs: draw.below(9_999),
	};
	return async (replica) => {
		const result = await replica.applyPage(page);
		return result.ok ? { ...result.value, optedOut: result.value.optedOut.toSorted() } : result.error.code;
	};
}

test.each(SEEDS)('the replica in memory answers and keeps what the real one does (seed %i)', async (seed) => {
	const { clock } = createFakeTime({ settle: setImmediate });
	const opened = await openReplica({ folder: createFolder(), clock });
	const real = must(opened.ok ? opened.value : null, 'a replica');
	onTestFinished(() => real.close());
	const fake = createFakeReplica();
	const random = seededRandom(seed * 31);
	const draw: Draw = { below: (limit) => Math.floor(random.fraction() * limit) };
	const snapshots: Snapshot[] = [];
	for (let step = 0; step < STEPS; step += 1) {
		const call = drawCall(draw, snapshots);
		expect(await call(fake), `step ${step}`).toEqual(await call(real));
		expect(fake.state(), `step ${step}`).toEqual(real.state());
		for (const id of IDS.map((text) => MemberIdSchema.parse(text)))
			expect(await fake.findById(id), `step ${step}`).toEqual(await real.findById(id));
	}
});
