import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { memberRows, snapshotOf } from '../replica/fake-members.ts';
import { openConnection } from './connection.ts';
import type { Subject } from './fake-crashing-terminal.ts';
import { createFolder } from './fake-folder.ts';
import { expectOk, openFresh } from './outbox/fake-opened-outbox.ts';
import { load, openFreshReplica, succeed } from './replica/fake-opened-replica.ts';

const CHILD = fileURLToPath(new URL('fake-crashing-terminal.ts', import.meta.url));
const SNAPSHOT = snapshotOf(memberRows(3000), { fileRows: 300 });

type Run = { readonly what: Subject; readonly folder: string; readonly seed: number; readonly messages: number };

/** Runs the child until it has told of so many things, then kills it with -9. Answers what it had told. */
async function killAfter({ what, folder, seed, messages }: Run): Promise<readonly string[]> {
	const child = fork(CHILD, [what, folder, String(seed)]);
	onTestFinished(() => void child.kill('SIGKILL'));
	const told: string[] = [];
	child.on('message', (message) => {
		told.push(typeof message === 'string' ? message : 'no text');
		if (told.length >= messages) child.kill('SIGKILL');
	});
	const [code, signal] = await once(child, 'exit');
	expect([code, signal]).toEqual([null, 'SIGKILL']);
	return told;
}

test('I11: after kill -9 everything that was recorded or settled is there, without a gap', { timeout: 120_000 }, async () => {
	const random = seededRandom(3);
	const folder = createFolder();
	const told: string[] = [];
	for (let round = 0; round < 6; round += 1) {
		told.push(...(await killAfter({ what: 'outbox', folder, seed: round, messages: 1 + Math.floor(random.fraction() * 60) })));
	}
	const { outbox } = await openFresh({ folder, seed: 99 });
	const entries = (await outbox.list({ limit: 500 })).toReversed();
	expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
	const statuses = new Map<string, string>(entries.map(({ eventId, status }) => [eventId, status]));
	const idsOf = (event: string): readonly string[] =>
		told.filter((line) => line.startsWith(event)).map((line) => line.slice(event.length + 1));
	expect(idsOf('recorded').filter((eventId) => !statuses.has(eventId))).toEqual([]);
	expect(idsOf('applied').filter((eventId) => statuses.get(eventId) !== 'applied')).toEqual([]);
	await outbox.recoverSending();
	expect((await outbox.counts()).sending).toBe(0);
	expect(expectOk(await outbox.record((await openFresh({ seed: 100 })).recordings.sale())).seq).toBe(entries.length + 1);
});

test('a load that was killed goes on with the files that were in, and ends with the whole replica', { timeout: 120_000 }, async () => {
	for (const [round, messages] of [1, 4, 9, 10, 11, 15].entries()) {
		const folder = createFolder();
		const told = await killAfter({ what: 'replica', folder, seed: round, messages });
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
