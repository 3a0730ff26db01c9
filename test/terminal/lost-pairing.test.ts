import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFakeLogger } from '#main/fake-logger.ts';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import type { Services } from '#main/ports.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { orThrow } from '#main/terminal/fake-context.ts';
import { startFakeHeadquarters } from '#sync/hq/fake-running.ts';
import type { RunningHeadquarters } from '#sync/hq/fake-running.ts';
import { createTerminal as createTerminalAt } from '#sync/hq/terminals/terminals.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';

let folder: string;
let headquarters: RunningHeadquarters;
let line: FaultProxy;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-lost-pairing-'));
	headquarters = await startFakeHeadquarters();
	line = await startFaultProxy(headquarters.url);
}, 120_000);
afterAll(async () => {
	await line.close();
	await headquarters.close();
	await rm(folder, { recursive: true, force: true });
});

async function start(pairingCode: string): Promise<Services> {
	const ports = {
		clock: createSystemClock(),
		timers: systemTimers,
		random: systemRandom,
		fetch: globalThis.fetch,
		logger: createFakeLogger(),
		secretBox: {
			seal: async (plain: string) => Promise.resolve(Buffer.from(plain)),
			open: async (sealed: Uint8Array) => Promise.resolve({ plain: Buffer.from(sealed).toString(), isStale: false }),
		},
		power: { onWake: () => () => undefined },
	};
	return orThrow(
		await createTerminal({ dataFolder: folder, hqUrl: line.url, pairingCode, appVersion: '0.1.0', isTraining: false, locale: 'en', ports }),
	);
}

test('a pairing whose answer was lost is completed with the same code, even by the next start', async () => {
	const outlet = { id: 'S01', code: 'S01', name: 'Station Road' };
	const { code } = orThrow(
		await createTerminalAt(headquarters.context, { outlet, terminal_code: 'T1', terminal_name: 'Counter 1' }).then((made) =>
			made.ok ? made : { ok: false as const, error: { code: made.error } },
		),
	);
	line.setLine('lose_answers', 'POST /terminals/pair');
	const first = await start(code);
	expect(first.pairing).toBe('unpaired');
	expect(line.faults()).toBeGreaterThan(0);
	await first.stop();
	expect(await readdir(folder)).toContain('pairing.json');
	line.setLine('up');
	const second = await start(code);
	expect(second.pairing).toBe('paired');
	expect(await readdir(folder)).not.toContain('pairing.json');
	await second.stop();
}, 60_000);
