import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { createRecordings } from '#sync/outbox/fake-recordings.ts';
import { createFakeLogger } from '../../fake-logger.ts';
import { createFakeTime } from '../../fake-time.ts';
import type { FakeTime } from '../../fake-time.ts';
import type { SafetyOptions, TerminalOptions } from '../../ports.ts';
import { card, memberRow, NOON_MS, openFakeContext, orThrow } from '../fake-context.ts';
import { keepHouse } from './housekeeping.ts';
import { openStores } from './open-stores.ts';
import type { Stores } from './open-stores.ts';

const DAY_MS = 86_400_000;
const SAFETY: SafetyOptions = { journalFolder: null, ballastBytes: 0, isLossAccepted: false };

let seed = 0;
let folder: string;
let time: FakeTime;
let open: Stores[];
let logger: ReturnType<typeof createFakeLogger>;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-stores-'));
	time = createFakeTime(NOON_MS);
	logger = createFakeLogger();
	open = [];
});
afterEach(async () => {
	for (const stores of open) await stores.close();
	await rm(folder, { recursive: true });
});

function optionsOf(safety: Partial<SafetyOptions> = {}, isTraining = false): TerminalOptions {
	return {
		dataFolder: folder,
		hqUrl: null,
		pairingCode: null,
		appVersion: '0.0.0',
		isTraining,
		locale: 'en',
		safety: { ...SAFETY, ...safety },
		ports: {
			clock: time.clock,
			timers: time.timers,
			random: seededRandom((seed += 1)),
			fetch: globalThis.fetch,
			logger,
			secretBox: {
				seal: (plain) => Promise.resolve(Buffer.from(plain)),
				open: (sealed) => Promise.resolve({ plain: Buffer.from(sealed).toString(), isStale: false }),
			},
			power: { onWake: () => () => undefined },
		},
	};
}

async function start(safety: Partial<SafetyOptions> = {}, isTraining = false): Promise<Stores> {
	const stores = orThrow(await openStores(optionsOf(safety, isTraining), folder));
	open.push(stores);
	return stores;
}

async function stop(): Promise<void> {
	for (const stores of open.splice(0)) await stores.close();
}

async function sell(stores: Stores, count: number): Promise<void> {
	const recordings = createRecordings(seededRandom((seed += 1)));
	for (let sale = 0; sale < count; sale += 1) orThrow(await stores.outbox.record(recordings.sale()));
}

async function damageOutbox(): Promise<void> {
	const file = join(folder, 'outbox.db');
	const bytes = await readFile(file);
	bytes.fill(0xa5, 0, 200);
	await writeFile(file, bytes);
}

test('a damaged outbox is recovered, and the manager reads how much of it at each start for three days', async () => {
	await sell(await start(), 5);
	await stop();
	await damageOutbox();
	const stores = await start();
	expect(stores.diskNotice()).toEqual({ notice: 'outbox_recovered', noticeValues: { entries: 5, waiting: 5 } });
	await stop();
	expect((await start()).diskNotice()).toMatchObject({ notice: 'outbox_recovered' });
	await stop();
	await time.pass(3 * DAY_MS + 1);
	expect((await start()).diskNotice()).toBeNull();
});

test('what cannot be proven stops the start, and goes on when a person accepts the loss', async () => {
	await sell(await start(), 5);
	await stop();
	await damageOutbox();
	await rm(join(folder, 'journal.mark'));
	expect(await openStores(optionsOf(), folder)).toMatchObject({ ok: false, error: { code: 'DISK-103' } });
	expect((await start({ isLossAccepted: true })).diskNotice()).toMatchObject({
		notice: 'outbox_recovered_in_part',
		noticeValues: { entries: 5 },
	});
});

test('a journal that cannot be written is said, and sales go on', async () => {
	const stick = `${folder}-stick`;
	await sell(await start({ journalFolder: join(stick, 'journal') }), 1);
	await stop();
	await rename(stick, join(folder, 'drawer'));
	const stores = await start({ journalFolder: join(stick, 'journal') });
	await sell(stores, 2);
	expect((await stores.outbox.counts()).pending).toBe(3);
	// Closing waits for the journal's last try.
	await stop();
	expect(stores.diskNotice()).toEqual({ notice: 'journal_behind' });
	expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'error', message: expect.stringContaining('journal') }));
});

test('the ballast is made in the background', async () => {
	const stores = await start({ ballastBytes: 1024 ** 2 });
	await sell(stores, 1);
	await stop();
	const again = await start({ ballastBytes: 1024 ** 2 });
	expect(again.diskNotice()).toBeNull();
});

test('training has no journal, no ballast and no notices', async () => {
	const stores = await start({ ballastBytes: 1024 ** 2 }, true);
	await sell(stores, 1);
	await stores.keepHouse();
	expect(stores.diskNotice()).toBeNull();
	expect((await readdir(folder)).filter((name) => name.startsWith('journal') || name.startsWith('ballast'))).toEqual([]);
});

test('the members are looked through once a week, and loaded again when they are damaged', async () => {
	const fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1) })]);
	let checks = 0;
	let isSound = true;
	const replica = {
		...fake.context.replica,
		check: () => {
			checks += 1;
			return Promise.resolve(isSound);
		},
	};

	const stores = await start();
	const journal = { retire: () => Promise.resolve(0) };
	const house = { folder, clock: time.clock, logger, outbox: stores.outbox, journal, replica, checkedFile: join(folder, 'checks.json') };
	await keepHouse(house);
	await keepHouse(house);
	await time.pass(6 * DAY_MS);
	await keepHouse(house);
	expect(checks).toBe(1);
	await time.pass(2 * DAY_MS);
	isSound = false;
	await keepHouse(house);
	expect(checks).toBe(2);
	expect(logger.lines.some(({ level }) => level === 'error')).toBe(true);
	await fake.close();
});

test('the last night that is done with outlives a restart', async () => {
	const { lastNight } = await start();
	expect(lastNight.read()).toBeNull();
	await lastNight.save('2026-11-22');
	expect(lastNight.read()).toBe('2026-11-22');
	const told = { members: 40, shards: 256, differed: 1, notCompared: 0 };
	await Promise.all([lastNight.noteCompared(told), lastNight.save('2026-11-23')]);
	const { doneAtMs } = lastNight.told();
	await stop();
	const again = (await start()).lastNight;
	expect(again.read()).toBe('2026-11-23');
	expect(again.told()).toEqual({ doneAtMs, compared: { ...told, atMs: doneAtMs } });
	await stop();
	await writeFile(join(folder, 'night.json'), 'torn');
	expect((await start()).lastNight.read()).toBeNull();
});
