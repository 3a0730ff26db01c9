import path from 'node:path';
import { expect, test } from 'vitest';
import { memberRows, snapshotOf } from '#sync/replica/fake-members.ts';
import { openConnection } from '#sync/storage/connection.ts';
import { load, openFreshReplica, succeed } from '#sync/storage/replica/fake-opened-replica.ts';
import { killAfter } from './killed-child.ts';
import { killTerminal } from './kill-terminal.ts';
import { createScratchFolder } from './scratch.ts';

test(
	'I11: after kill -9 at any moment, fifty times over, everything that was acknowledged is there, without a gap',
	{ timeout: 240_000 },
	async () => {
		const { acknowledged } = await killTerminal({ rounds: 50, seed: 3, folder: createScratchFolder() });
		expect(acknowledged).toBeGreaterThan(500);
	},
);

const SNAPSHOT = snapshotOf(memberRows(3000), { fileRows: 300 });

test('a load that was killed goes on with the files that were in, and ends with the whole replica', { timeout: 120_000 }, async () => {
	for (const [round, messages] of [1, 4, 9, 10, 11, 15].entries()) {
		const folder = createScratchFolder();
		const told = await killAfter({ what: 'replica', folder, seed: round, messages, thenMs: 0 });
		const { replica } = await openFreshReplica(folder);
		const begun = succeed(await replica.beginLoad(SNAPSHOT.manifest));
		const isIn = told
			.slice(told.indexOf('finished') + 1)
			.filter((line) => line.startsWith('added'))
			.map((line) => begun.isLoaded(line.slice('added '.length)));
		// What was told to be in is in, unless that load had been completed and put in its place just then.
		expect(isIn.every((is) => is) || isIn.every((is) => !is)).toBe(true);
		await begun.suspend();
		await load(replica, SNAPSHOT);
		expect(replica.state()).toMatchObject({ phase: 'ready', rows: 3000 });
		await replica.close();
		const check = await openConnection({ file: path.join(folder, 'replica.db'), mode: 'read_only', pragmas: {} });
		expect(await check.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
		await check.close();
	}
});
