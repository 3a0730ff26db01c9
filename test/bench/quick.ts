import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MemberIdSchema, ReceiptNumberSchema } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import type { Services } from '#main/ports.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { createSyntheticBase, SYNTHETIC_SEED } from '#sync/hq/members/synthetic.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import { PROJECT_ROOT } from '../support/child.ts';
import { startHeadquartersProcess } from '../support/headquarters.ts';
import { latencyFigures } from './figures.ts';
import type { Figure } from './figures.ts';
import { writeMembersCsv } from './million.ts';

type Pins = readonly { readonly name: string; readonly pin: string }[];

const LOOKUPS = 20_000;
const SALES = 1_000;

/** Import, first load and look-up with `rows` members on this machine. Everything is real: processes, files, HTTP, signatures. */
export async function runQuick(rows: number, folder: string): Promise<readonly Figure[]> {
	await mkdir(folder, { recursive: true });
	const csv = join(folder, `members-${rows}.csv`);
	const csvBytes = await writeMembersCsv(csv, rows);
	const data = join(folder, 'hq');
	await rm(data, { recursive: true, force: true });
	const imported = await timeImport(csv, data);

	const headquarters = await startHeadquartersProcess({ data, members: 0, terminals: ['BENCH/Bench outlet/T1/Bench terminal'] });
	const terminalFolder = join(folder, 'terminal');
	await rm(terminalFolder, { recursive: true, force: true });
	await mkdir(terminalFolder, { recursive: true });
	const pairing = must(headquarters.ready.pairing[0], 'a pairing code');
	const loop = monitorEventLoopDelay({ resolution: 1 });
	loop.enable();
	const startedAt = performance.now();
	const services = await openTerminal(terminalFolder, { hqUrl: headquarters.ready.url, pairingCode: pairing.code });
	const { snapshotReadyAt, duringLoadMs } = await waitUntilLoaded(services, headquarters.ready.pins);
	const loadedAt = performance.now();
	loop.disable();
	const rssBytes = process.memoryUsage().rss;
	const loaded = await services.api['status.get']({});
	assert(loaded.ok && loaded.value.members.rows === rows, 'every member of the file is on the terminal');

	const identifyMs = await timeLookups(services, rows);
	const saleMs = await timeSales(services);
	await services.stop();
	await headquarters.stop();
	const wireBytes = await sizeOf(join(data, 'snapshot'));
	const replicaBytes = (await stat(join(terminalFolder, 'replica.db'))).size;
	return [
		{
			name: `import of ${rows.toLocaleString('en-US')} members from CSV`,
			value: rows / imported,
			unit: 'rows/s',
			note: `${imported.toFixed(1)} s, ${mib(csvBytes)}`,
		},
		{
			name: 'snapshot written by headquarters',
			value: rows / ((snapshotReadyAt - startedAt) / 1000),
			unit: 'rows/s',
			note: `with pairing and the first contact`,
		},
		{
			name: 'first load over HTTP, indexes and search included',
			value: rows / ((loadedAt - snapshotReadyAt) / 1000),
			unit: 'rows/s',
			note: `${((loadedAt - snapshotReadyAt) / 1000).toFixed(1)} s`,
		},
		{ name: 'on the wire', value: wireBytes / 2 ** 20, unit: 'MiB', note: `${(wireBytes / rows).toFixed(0)} B a member` },
		{ name: 'replica.db', value: replicaBytes / 2 ** 20, unit: 'MiB' },
		{ name: 'longest event-loop pause in the services meanwhile', value: loop.max / 1e6, unit: 'ms', note: 'pairing to loaded' },
		{ name: 'memory of the services after it', value: rssBytes / 2 ** 20, unit: 'MiB', note: 'this process, bench included' },
		...latencyFigures('use case identify while loading', duringLoadMs),
		...latencyFigures('use case identify by barcode, warm', identifyMs),
		...latencyFigures('use case earn (sale on disk, one fsync)', saleMs),
	];
}

async function timeImport(csv: string, data: string): Promise<number> {
	const startedAt = performance.now();
	await promisify(execFile)(process.execPath, ['sync/hq/main.ts', 'import', csv, '--data', data], {
		cwd: PROJECT_ROOT,
		maxBuffer: 2 ** 26,
	});
	return (performance.now() - startedAt) / 1000;
}

async function openTerminal(dataFolder: string, pairing: { readonly hqUrl: string; readonly pairingCode: string }): Promise<Services> {
	const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
	const opened = await createTerminal({
		dataFolder,
		...pairing,
		appVersion: '0.0.0-bench',
		isTraining: false,
		locale: 'en',
		ports: {
			clock: createSystemClock(),
			timers: systemTimers,
			random: systemRandom,
			fetch: globalThis.fetch,
			logger: quiet,
			// The bench's key protects nothing: sealing is not what is measured.
			secretBox: {
				seal: async (plain) => new TextEncoder().encode(plain),
				open: async (sealed) => ({ plain: new TextDecoder().decode(sealed), isStale: false }),
			},
			power: { onWake: () => () => undefined },
		},
	});
	assert(opened.ok, 'the terminal opens');
	return opened.value;
}

/** Resolves when the replica answers; looks a card up every 20 ms until then. */
async function waitUntilLoaded(
	services: Services,
	pins: Pins,
): Promise<{ readonly snapshotReadyAt: number; readonly duringLoadMs: readonly number[] }> {
	const duringLoadMs: number[] = [];
	let snapshotReadyAt = performance.now();
	for (;;) {
		const status = await services.api['status.get']({});
		assert(status.ok, 'status is always there');
		if (status.value.members.phase === 'ready') return { snapshotReadyAt, duringLoadMs };
		if (status.value.members.phase !== 'loading') snapshotReadyAt = performance.now();
		await unlock(services, pins);
		const startedAt = performance.now();
		await services.api['member.identify']({ text: '2900000000018', source: 'scan' });
		duringLoadMs.push(performance.now() - startedAt);
		await pause(20);
	}
}

/** The roster comes with the first contact and locks the terminal, as it should. */
async function unlock(services: Services, pins: Pins): Promise<void> {
	const session = await services.api['session.open']({});
	assert(session.ok, 'there is a session');
	const cashier = session.value.isLocked ? session.value.cashiers[0] : undefined;
	if (cashier === undefined) return;
	const pin = must(
		pins.find(({ name }) => name === cashier.displayName),
		'a PIN',
	).pin;
	const unlocked = await services.api['session.unlock']({ cashierId: cashier.id, pin });
	assert(unlocked.ok, 'the terminal unlocks');
}

async function pause(ms: number): Promise<void> {
	await new Promise<void>((resolve) => {
		systemTimers.after(ms, resolve);
	});
}

async function timeLookups(services: Services, rows: number): Promise<readonly number[]> {
	const base = createSyntheticBase(SYNTHETIC_SEED, DEFAULT_PROGRAMME);
	const samples: number[] = [];
	for (let count = 0; count < LOOKUPS; count += 1) {
		const member = base.member(Math.floor(systemRandom.fraction() * rows));
		const startedAt = performance.now();
		const found = await services.api['member.identify']({ text: member.card ?? '', source: 'scan' });
		samples.push(performance.now() - startedAt);
		assert(found.ok, () => `a look-up answers: ${JSON.stringify(found)}`);
	}
	return samples;
}

async function timeSales(services: Services): Promise<readonly number[]> {
	const base = createSyntheticBase(SYNTHETIC_SEED, DEFAULT_PROGRAMME);
	const samples: number[] = [];
	for (let count = 0; count < SALES; count += 1) {
		const startedAt = performance.now();
		const earned = await services.api['sale.earn']({
			requestId: crypto.randomUUID(),
			member: { memberId: MemberIdSchema.parse(base.member(100 + count).id) },
			receiptNumber: ReceiptNumberSchema.parse(`B${count}`),
			amountMinor: 1_000 + count,
			currency: 'EUR',
			isRepeatConfirmed: false,
		});
		samples.push(performance.now() - startedAt);
		if (!earned.ok) assert(earned.error.code === 'MEMBER-103', `a sale is recorded: ${earned.error.code}`);
	}
	return samples;
}

async function sizeOf(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const sizes = await Promise.all(
		entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}

function mib(bytes: number): string {
	return `${Math.round(bytes / 2 ** 20)} MiB`;
}
