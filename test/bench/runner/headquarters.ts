import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startHeadquartersProcess } from '../../support/headquarters.ts';
import type { HeadquartersProcess } from '../../support/headquarters.ts';
import { createOperator } from '../../support/operator.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import type { Bench } from './bench.ts';

/** A headquarters with `members` synthetic members and its snapshot written, and new terminals for it. */
export type BenchHeadquarters = {
	readonly url: string;
	readonly pins: HeadquartersProcess['ready']['pins'];
	/** Bytes of the snapshot's files. */
	readonly snapshotBytes: number;
	/** A pairing code; the terminal of before is paired no more. */
	readonly newTerminal: () => Promise<string>;
	readonly stop: () => Promise<void>;
};

const LOOK_EVERY_MS = 100;

/** Made anew: an older one may be of another schema. */
export async function openHeadquarters({ folder, say }: Bench, members: number): Promise<BenchHeadquarters> {
	say(`Headquarters with ${members.toLocaleString('en-US')} synthetic members …`);
	const data = join(folder, 'hq');
	await rm(data, { recursive: true, force: true });
	const headquarters = await startHeadquartersProcess({ data, members, terminals: [] });
	const operator = createOperator(headquarters.ready.url);
	return {
		url: headquarters.ready.url,
		pins: headquarters.ready.pins,
		snapshotBytes: await waitForSnapshot(operator),
		newTerminal: () => operator.newTerminal({ outletCode: 'BENCH', outletName: 'Bench outlet', code: 'T1', name: 'Bench terminal' }),
		stop: headquarters.stop,
	};
}

async function waitForSnapshot(operator: ReturnType<typeof createOperator>): Promise<number> {
	for (;;) {
		const answer = await operator.call('GET', '/snapshot/manifest');
		if (answer.status === 200) return SnapshotManifestSchema.parse(await answer.json()).bytes;
		await pause(LOOK_EVERY_MS);
	}
}
