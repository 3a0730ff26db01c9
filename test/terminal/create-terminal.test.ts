import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { calls, events } from '#shared/bridge/contract.ts';
import type { CallInput } from '#shared/bridge/contract.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import { openFileSecretBox } from '#main/devices/file-secret-box.ts';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import { createFakeLogger } from '#main/fake-logger.ts';
import type { Services, TerminalOptions } from '#main/ports.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { createFakeHeadquarters } from './fake-headquarters.ts';
import type { FakeHeadquarters } from './fake-headquarters.ts';
import { memberId, orThrow, requestId } from '#main/terminal/fake-context.ts';
import { hashPin, PIN_COST } from '#main/terminal/session/pin.ts';
import { trainingCard } from '#main/terminal/training/training-members.ts';
import { TRAINING_PROGRAMME } from '#main/terminal/training/training-programme.ts';

const CODE = '7KQ2-M9XD';
const SALT = '000102030405060708090a0b0c0d0e0f';

let folder = '';
let headquarters: FakeHeadquarters;
let logger = createFakeLogger();
const running: Services[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-create-'));
	headquarters = createFakeHeadquarters({ pairingCode: CODE });
	logger = createFakeLogger();
});
afterEach(async () => {
	for (const services of running.splice(0)) await services.stop();
	await rm(folder, { recursive: true, force: true });
});

async function optionsOf(change: Partial<TerminalOptions> = {}): Promise<TerminalOptions> {
	return {
		dataFolder: folder,
		hqUrl: 'http://hq.example',
		pairingCode: null,
		appVersion: '0.1.0',
		isTraining: false,
		locale: 'hu-HU',
		ports: {
			clock: createSystemClock(),
			timers: systemTimers,
			random: systemRandom,
			fetch: headquarters.fetch,
			logger,
			secretBox: await openFileSecretBox(join(folder, 'secret.key')),
			power: { onWake: () => () => undefined },
		},
		...change,
	};
}

async function start(change: Partial<TerminalOptions> = {}): Promise<Services> {
	const services = orThrow(await createTerminal(await optionsOf(change)));
	running.push(services);
	return services;
}

async function stop(services: Services): Promise<void> {
	running.splice(running.indexOf(services), 1);
	await services.stop();
}

/** Resolves with the first event of `name` whose payload is as asked. */
async function heard(services: Services, name: keyof typeof events, isIt: (payload: unknown) => boolean): Promise<unknown> {
	return new Promise((resolve) => {
		const forget = services.onEvent((told, json) => {
			const payload: unknown = JSON.parse(json);
			if (told !== name || !isIt(payload)) return;
			forget();
			resolve(payload);
		});
	});
}

function sale(number: number, change: Partial<CallInput<'sale.earn'>> = {}): CallInput<'sale.earn'> {
	const member = { memberId: memberId('EVA') };
	return {
		requestId: requestId(number),
		member,
		receiptNumber: `R-${number}`,
		amountMinor: 1000,
		currency: 'EUR',
		isRepeatConfirmed: false,
		...change,
	};
}

test('an unpaired terminal runs, says so, and records nothing', async () => {
	const services = await start();
	expect(services.pairing).toBe('unpaired');
	const session = orThrow(await services.api['session.open']({}));
	expect(session).toMatchObject({
		appVersion: '0.1.0',
		outletName: '',
		programme: null,
		cashier: null,
		cashiers: [],
		isLocked: false,
		isTraining: false,
		locale: 'hu-HU',
	});
	expect(orThrow(await services.api['status.get']({}))).toMatchObject({
		line: 'unpaired',
		waiting: 0,
		members: { phase: 'empty' },
		error: null,
	});
	expect(await services.api['sale.earn'](sale(1))).toMatchObject({ ok: false, error: { code: 'LINE-101' } });
	expect(headquarters.calls()).toEqual([]);
});

test('pairs with a code, keeps its identity over a restart, and ignores a later code', async () => {
	const first = await start({ pairingCode: CODE });
	expect(first.pairing).toBe('paired');
	expect(orThrow(await first.api['session.open']({}))).toMatchObject({ outletName: 'Kossuth tér', terminalName: 'Till by the door' });
	await stop(first);
	expect(await readFile(join(folder, 'terminal.json'), 'utf8')).not.toContain(headquarters.secret);
	const second = await start({ pairingCode: 'AAAA-AAAA', hqUrl: null });
	expect(second.pairing).toBe('already_paired');
	expect(headquarters.calls().filter((path) => path === '/terminals/pair')).toHaveLength(1);
});

test('a wrong code leaves the terminal unpaired and says why', async () => {
	const services = await start({ pairingCode: 'AAAA-AAAA' });
	expect(services.pairing).toBe('unpaired');
	expect(orThrow(await services.api['status.get']({}))).toMatchObject({ line: 'refused', error: { code: 'LINE-106' } });
	expect(await readdir(folder)).not.toContain('terminal.json');
});

test('a pairing that the disk does not take is told, and the terminal runs', async () => {
	// A folder where the draft of the file would be: the write fails.
	await mkdir(join(folder, 'terminal.json.new', 'in-the-way'), { recursive: true });
	const services = await start({ pairingCode: CODE });
	expect(services.pairing).toBe('unpaired');
	expect(orThrow(await services.api['status.get']({}))).toMatchObject({ line: 'refused', error: { code: 'DISK-102' } });
});

test('headquarters that cannot be reached while pairing is tried again by itself', async () => {
	headquarters.setDown(true);
	const timers: (() => void)[] = [];
	const { ports } = await optionsOf();
	const after: typeof ports.timers.after = (delayMs, run) => {
		if (delayMs < 2000) timers.push(run);
		return systemTimers.after(delayMs, run);
	};
	const services = await start({
		pairingCode: CODE,
		ports: { ...ports, random: { ...systemRandom, fraction: () => 0.25 }, timers: { after } },
	});
	expect(orThrow(await services.api['status.get']({}))).toMatchObject({ line: 'connecting', error: { code: 'LINE-101' } });
	headquarters.setDown(false);
	const paired = heard(services, 'session.changed', (payload) => events['session.changed'].parse(payload).outletName === 'Kossuth tér');
	await paired;
	expect(orThrow(await services.api['session.open']({})).terminalName).toBe('Till by the door');
	expect(timers.length).toBeGreaterThan(0);
});

test('a key that this machine cannot open asks for a new pairing, which a new code gives', async () => {
	await stop(await start({ pairingCode: CODE }));
	await rm(join(folder, 'secret.key'));
	const refused = await start();
	expect(orThrow(await refused.api['status.get']({}))).toMatchObject({ line: 'refused', error: { code: 'LINE-104' } });
	expect(orThrow(await refused.api['session.open']({})).outletName).toBe('Kossuth tér');
	await stop(refused);
	headquarters.renewCode();
	expect((await start({ pairingCode: CODE })).pairing).toBe('paired');
});

test('the programme and the roster of the first contact are there offline after a restart', async () => {
	headquarters.setNews({ programme: TRAINING_PROGRAMME, cashiers: [] });
	const first = await start({ pairingCode: CODE });
	// Listens before it asks: the news may arrive in between.
	const arrived = heard(first, 'session.changed', (payload) => events['session.changed'].parse(payload).programme !== null);
	if (orThrow(await first.api['session.open']({})).programme === null) await arrived;
	await stop(first);
	headquarters.setDown(true);
	const second = await start();
	expect(orThrow(await second.api['session.open']({})).programme).toEqual(TRAINING_PROGRAMME);
	const earned = orThrow(await second.api['sale.earn'](sale(1, { member: { barcode: trainingCardOf(0) } })));
	expect(earned).toMatchObject({ points: 10, member: null });
	await stop(second);
	const third = await start();
	expect(orThrow(await third.api['sale.earn'](sale(1, { member: { barcode: trainingCardOf(0) } }))).eventId).toBe(earned.eventId);
	expect(orThrow(await third.api['outbox.list']({ show: 'all', limit: 10 })).lines).toHaveLength(1);
});

test('a locked terminal answers who it is and how it is, and nothing else', async () => {
	const cashier = {
		id: 'reka',
		displayName: 'Réka Nagy',
		role: 'cashier' as const,
		pinSalt: SALT,
		pinHash: await hashPin('1234', SALT, PIN_COST),
	};
	await writeFile(join(folder, 'programme.json'), JSON.stringify({ programme: TRAINING_PROGRAMME, cashiers: [cashier] }));
	const { api } = await start();
	const session = orThrow(await api['session.open']({}));
	expect(session).toMatchObject({
		isLocked: true,
		cashier: null,
		cashiers: [{ id: 'reka', displayName: 'Réka Nagy', initials: 'RN', role: 'cashier' }],
	});
	expect(JSON.stringify(session)).not.toContain(cashier.pinHash);
	expect((await api['status.get']({})).ok).toBe(true);
	const locked = { ok: false, error: { code: 'SESSION-103' } };
	expect(await api['member.identify']({ text: '1', source: 'scan' })).toMatchObject(locked);
	expect(await api['sale.earn'](sale(1))).toMatchObject(locked);
	expect(await api['outbox.list']({ show: 'all', limit: 1 })).toMatchObject(locked);
	expect(await api['session.shift']({})).toMatchObject(locked);
	expect(await api['session.unlock']({ cashierId: 'reka', pin: '4321' })).toMatchObject({ ok: false, error: { code: 'SESSION-101' } });
	expect(orThrow(await api['session.unlock']({ cashierId: 'reka', pin: '1234' }))).toMatchObject({
		isLocked: false,
		cashier: { id: 'reka' },
	});
	expect((await api['member.identify']({ text: '1', source: 'scan' })).ok).toBe(true);
	expect(orThrow(await api['session.lock']({}))).toMatchObject({ isLocked: true, cashier: null });
	expect(await api['session.shift']({})).toMatchObject(locked);
});

test('windows hear what changes, in the form of the contract, at most ten times a second', async () => {
	const services = await start({ isTraining: true });
	const told: string[] = [];
	services.onEvent((name, json) => {
		events[name].parse(JSON.parse(json));
		told.push(name);
	});
	const card = trainingCardOf(0);
	const status = heard(services, 'status.changed', (payload) => events['status.changed'].parse(payload).waiting === 50);
	for (let number = 1; number <= 50; number += 1) orThrow(await services.api['sale.earn'](sale(number, { member: { barcode: card } })));
	await status;
	expect(told).toContain('data.changed');
	expect(told.length).toBeLessThan(50);
});

test('training works with invented members and the real screens, and nothing leaves the terminal', async () => {
	const services = await start({ isTraining: true, pairingCode: CODE });
	expect(services.pairing).toBe('unpaired');
	expect(orThrow(await services.api['session.open']({}))).toMatchObject({
		isTraining: true,
		programme: { name: 'Training' },
		isLocked: false,
	});
	expect(orThrow(await services.api['status.syncNow']({}))).toMatchObject({ line: 'unpaired', members: { phase: 'ready', rows: 500 } });
	const found = orThrow(await services.api['member.identify']({ text: trainingCardOf(0), source: 'scan' }));
	expect(found).toMatchObject({ kind: 'found', member: { points: 3840 } });
	const { barcode } = orThrow(await services.api['member.nextCard']({}));
	const form = { barcode, firstName: 'Új', lastName: '', mobile: '', email: 'uj@example.org' };
	const consents = [{ purpose: 'terms', granted: true, version: 1, language: 'en' } as const];
	const enrolled = orThrow(await services.api['member.enrol']({ requestId: requestId(90), form, consents }));
	orThrow(await services.api['sale.earn'](sale(91, { member: { memberId: enrolled.member.memberId } })));
	expect(orThrow(await services.api['outbox.list']({ show: 'waiting', limit: 10 })).lines).toHaveLength(2);
	expect(headquarters.calls()).toEqual([]);
	expect((await readdir(folder)).toSorted()).toEqual(['secret.key', 'training']);
});

test('training leaves the real terminal as it is, and begins anew every time', async () => {
	await stop(await start({ pairingCode: CODE }));
	const before = headquarters.calls().length;
	const first = await start({ isTraining: true });
	expect(orThrow(await first.api['session.open']({}))).toMatchObject({ outletName: 'Kossuth tér' });
	orThrow(await first.api['sale.earn'](sale(1, { member: { barcode: trainingCardOf(0) } })));
	await stop(first);
	const second = await start({ isTraining: true });
	expect(orThrow(await second.api['outbox.list']({ show: 'all', limit: 10 })).lines).toEqual([]);
	await stop(second);
	expect(headquarters.calls()).toHaveLength(before);
	const real = await start();
	expect(orThrow(await real.api['outbox.list']({ show: 'all', limit: 10 })).lines).toEqual([]);
});

test('a damaged outbox stops the terminal before anything is touched', async () => {
	await writeFile(
		join(folder, 'outbox.db'),
		'this is no database, and it is longer than a header of one hundred bytes would be, so that it is read as one',
	);
	const before = await readdir(folder);
	expect(await createTerminal({ ...(await optionsOf()), pairingCode: CODE })).toMatchObject({ ok: false, error: { code: 'DISK-103' } });
	expect((await readdir(folder)).filter((name) => name !== 'secret.key')).toEqual(before);
	expect(headquarters.calls()).toEqual([]);
});

test('every call of the contract is there and answers in its form', async () => {
	const { api } = await start({ isTraining: true });
	expect(Object.keys(api).toSorted()).toEqual(Object.keys(calls).toSorted());
	for (const name of ['session.open', 'session.shift', 'status.get', 'member.nextCard'] as const) {
		const result: Result<unknown, LoyaltyError> = await api[name]({});
		expect(calls[name].output.safeParse(orThrow(result)).success).toBe(true);
	}
});

test('stopping twice is stopping once', async () => {
	const services = await start();
	await expect(Promise.all([services.stop(), services.stop()])).resolves.toBeDefined();
});

function trainingCardOf(index: number): Extract<CallInput<'sale.earn'>['member'], { barcode: unknown }>['barcode'] {
	// A card of the series is a loyalty barcode: the contract's own schema says so.
	return calls['sale.earn'].input.shape.member.options[1].shape.barcode.parse(trainingCard(TRAINING_PROGRAMME, index));
}
