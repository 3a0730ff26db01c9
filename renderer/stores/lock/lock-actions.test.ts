import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { session } from '../../bridge/scripted/fixtures.ts';
import { typeAmount } from '../earn/earn-actions.ts';
import { useEarnStore } from '../earn/earn-store.ts';
import { openEnrol, typeEnrol } from '../enrol/enrol-actions.ts';
import { useEnrolStore } from '../enrol/enrol-store.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { identify } from '../find/find-actions.ts';
import { placeOf, subjectOf, usePlaceStore } from '../place/place-store.ts';
import { useSessionStore } from '../session/session-store.ts';
import { canUnlock, chooseCashier, lock, pressPinPad, typePin, unlock } from './lock-actions.ts';
import { useLockStore } from './lock-store.ts';

test('the lock takes the member off the screen and keeps a half-typed enrolment', async () => {
	await openFakeTerminal();
	await identify('1', 'scan');
	typeAmount('4190');
	openEnrol();
	typeEnrol('firstName', 'Márta');
	await lock();
	expect(useSessionStore.getState().session?.isLocked).toBe(true);
	expect(subjectOf(usePlaceStore.getState())).toBeNull();
	expect(useEarnStore.getState().earn.draft.amountMinor).toBe(0);
	expect(useLockStore.getState().cashierId).toBe('eva');
	chooseCashier('bence');
	typePin('12x34');
	await unlock();
	expect(placeOf(usePlaceStore.getState()).at).toBe('enrol');
	expect(useEnrolStore.getState().form.firstName).toBe('Márta');
});

test('the PIN goes to the services and is not kept', async () => {
	const bridge = await openFakeTerminal();
	chooseCashier('bence');
	for (const key of ['1', '2', '3', '4', '5', 'back'] as const) pressPinPad(key);
	await unlock();
	expect(bridge.made.at(-1)).toEqual({ name: 'session.unlock', input: { cashierId: 'bence', pin: '1234' } });
	expect(useLockStore.getState().pin).toBe('');
});

test('a wrong PIN is cleared and said', async () => {
	await openFakeTerminal({ 'session.unlock': () => fail(terminalError('SESSION-101')) });
	chooseCashier('eva');
	typePin('9999');
	await unlock();
	expect(useLockStore.getState()).toMatchObject({ pin: '', isChecking: false, problem: { code: 'SESSION-101' } });
});

test('nobody chosen, too short or under way does not unlock', () => {
	expect(canUnlock({ cashierId: null, pin: '1234', isChecking: false })).toBe(false);
	expect(canUnlock({ cashierId: 'eva', pin: '123', isChecking: false })).toBe(false);
	expect(canUnlock({ cashierId: 'eva', pin: '1234', isChecking: true })).toBe(false);
	expect(canUnlock({ cashierId: 'eva', pin: '1234', isChecking: false })).toBe(true);
});

test('a terminal where nobody has a PIN stays open and says why', async () => {
	const bridge = await openFakeTerminal({ 'session.open': () => ok(session({ cashier: null, cashiers: [] })) });
	await lock();
	expect(bridge.made.some((call) => call.name === 'session.lock')).toBe(false);
	expect(lastSaid()).toEqual({ kind: 'plain', id: 'needs_roster' });
});

test('where only one person can unlock, nobody has to be chosen', async () => {
	const only = session().cashiers.slice(0, 1);
	const bridge = await openFakeTerminal({ 'session.open': () => ok(session({ cashiers: only, isLocked: true })) });
	typePin('1234');
	await unlock();
	expect(bridge.made.at(-1)).toEqual({ name: 'session.unlock', input: { cashierId: 'eva', pin: '1234' } });
});
