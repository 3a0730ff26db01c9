import { expect, test } from 'vitest';
import type { Cashier } from '#shared/domain/programme.ts';
import { must } from '#shared/lib/assert.ts';
import { createFakeTime } from '../../fake-time.ts';
import type { FakeTime } from '../../fake-time.ts';
import { hashPin, PIN_COST } from './pin.ts';
import { createSignIn } from './session.ts';
import type { PinTries, SignIn } from './session.ts';

/** As PINs are hashed, but in a millisecond. */
const CHEAP = { N: 2, r: 1, p: 1 };
const SALT = '000102030405060708090a0b0c0d0e0f';

async function cashierOf(id: string, pin: string, role: Cashier['role'] = 'cashier'): Promise<Cashier> {
	return { id, displayName: id, role, pinSalt: SALT, pinHash: await hashPin(pin, SALT, CHEAP) };
}

type World = { readonly signIn: SignIn; readonly time: FakeTime; readonly saved: PinTries[]; roster: readonly Cashier[] };

async function open(
	from: { readonly tries?: PinTries; readonly time?: FakeTime; readonly roster?: readonly Cashier[] } = {},
): Promise<World> {
	const time = from.time ?? createFakeTime();
	const saved: PinTries[] = [];
	const world = { time, saved, roster: from.roster ?? [await cashierOf('reka', '1234'), await cashierOf('bela', '98765432', 'manager')] };
	const signIn = createSignIn({
		clock: time.clock,
		pinCost: CHEAP,
		roster: () => world.roster,
		tries: from.tries ?? { wrong: 0, pausedUntilMs: 0 },
		saveTries: async (tries) => {
			saved.push(tries);
			return Promise.resolve();
		},
	});
	return Object.assign(world, { signIn });
}

async function tryWrong(signIn: SignIn, times: number): Promise<void> {
	for (let time = 0; time < times; time += 1) await signIn.unlock({ cashierId: 'reka', pin: '0000' });
}

test('hashes with scrypt as RFC 7914 has it', async () => {
	// Section 12: P "password", S "NaCl", N 1024, r 8, p 16, the first 32 of 64 bytes.
	const salt = Buffer.from('NaCl').toString('hex');
	expect(await hashPin('password', salt, { N: 1024, r: 8, p: 16 })).toBe(
		'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162',
	);
	expect(PIN_COST.N * PIN_COST.r * 128).toBe(16 * 1024 * 1024);
});

test('a terminal with a roster starts locked, opens by a PIN and locks again', async () => {
	const { signIn } = await open();
	expect([signIn.isLocked(), signIn.cashier()]).toEqual([true, null]);
	expect(await signIn.unlock({ cashierId: 'bela', pin: '98765432' })).toMatchObject({ ok: true, value: { id: 'bela', role: 'manager' } });
	expect([signIn.isLocked(), signIn.cashier()?.id]).toEqual([false, 'bela']);
	signIn.lock();
	expect([signIn.isLocked(), signIn.cashier()]).toEqual([true, null]);
});

test('a terminal without a roster has no lock', async () => {
	const { signIn } = await open({ roster: [] });
	expect([signIn.isLocked(), signIn.cashier()]).toEqual([false, null]);
	signIn.lock();
	expect(signIn.isLocked()).toBe(false);
});

test('the first roster locks a terminal that worked without one', async () => {
	const world = await open({ roster: [] });
	world.roster = [await cashierOf('reka', '1234')];
	expect(world.signIn.isLocked()).toBe(true);
});

test('who is taken off the roster is signed out by that', async () => {
	const world = await open();
	await world.signIn.unlock({ cashierId: 'reka', pin: '1234' });
	world.roster = world.roster.filter(({ id }) => id !== 'reka');
	expect([world.signIn.isLocked(), world.signIn.cashier()]).toEqual([true, null]);
});

test('a wrong PIN says how many tries are left; nobody’s PIN counts as well', async () => {
	const { signIn } = await open();
	expect(await signIn.unlock({ cashierId: 'reka', pin: '0000' })).toMatchObject({
		ok: false,
		error: { code: 'SESSION-101', values: { left: 4 } },
	});
	expect(await signIn.unlock({ cashierId: 'bela', pin: '1234' })).toMatchObject({
		ok: false,
		error: { code: 'SESSION-101', values: { left: 3 } },
	});
	expect(await signIn.unlock({ cashierId: 'nobody', pin: '1234' })).toMatchObject({
		ok: false,
		error: { code: 'SESSION-101', values: { left: 2 } },
	});
	expect(signIn.isLocked()).toBe(true);
});

test('the fifth wrong PIN pauses for a minute, in which the right one is not tried either', async () => {
	const { signIn, time } = await open();
	await tryWrong(signIn, 4);
	expect(await signIn.unlock({ cashierId: 'reka', pin: '0000' })).toMatchObject({
		ok: false,
		error: { code: 'SESSION-102', retryAfterMs: 60_000 },
	});
	await time.pass(59_000);
	expect(await signIn.unlock({ cashierId: 'reka', pin: '1234' })).toMatchObject({
		ok: false,
		error: { code: 'SESSION-102', retryAfterMs: 1000 },
	});
	await time.pass(1000);
	expect(await signIn.unlock({ cashierId: 'reka', pin: '1234' })).toMatchObject({ ok: true });
});

test('a right PIN forgives the wrong ones before it', async () => {
	const { signIn, saved } = await open();
	await tryWrong(signIn, 4);
	expect((await signIn.unlock({ cashierId: 'reka', pin: '1234' })).ok).toBe(true);
	await tryWrong(signIn, 4);
	expect((await signIn.unlock({ cashierId: 'reka', pin: '1234' })).ok).toBe(true);
	expect(saved.at(-1)).toEqual({ wrong: 0, pausedUntilMs: 0 });
});

test('tries at once are judged one after the other: never more than five before the pause', async () => {
	const { signIn } = await open();
	const results = await Promise.all(Array.from({ length: 20 }, () => signIn.unlock({ cashierId: 'reka', pin: '0000' })));
	expect(results.filter((result) => !result.ok && result.error.code === 'SESSION-101')).toHaveLength(4);
});

test('a restart does not forget wrong PINs or the pause, and a clock that was set back does not lengthen it', async () => {
	const { saved, signIn } = await open();
	await tryWrong(signIn, 3);
	const second = await open({ tries: must(saved.at(-1), 'what was saved') });
	await tryWrong(second.signIn, 2);
	const pausedUntilMs = second.time.clock.nowMs() + 60_000;
	expect(second.saved.at(-1)).toEqual({ wrong: 0, pausedUntilMs });

	const third = await open({ tries: { wrong: 0, pausedUntilMs }, time: createFakeTime(pausedUntilMs - 20_000) });
	expect(await third.signIn.unlock({ cashierId: 'reka', pin: '1234' })).toMatchObject({ ok: false, error: { retryAfterMs: 20_000 } });
	const setBack = await open({ tries: { wrong: 0, pausedUntilMs }, time: createFakeTime(pausedUntilMs - 86_400_000) });
	expect(await setBack.signIn.unlock({ cashierId: 'reka', pin: '1234' })).toMatchObject({ ok: false, error: { retryAfterMs: 60_000 } });
	await setBack.time.pass(60_000);
	expect((await setBack.signIn.unlock({ cashierId: 'reka', pin: '1234' })).ok).toBe(true);
});
