import { describe, expect, test } from 'vitest';
import { ok } from '#shared/lib/result.ts';
import { session, unknownBarcode } from '../../bridge/scripted/fixtures.ts';
import { confirmEarn, typeAmount } from '../../stores/earn/earn-actions.ts';
import { useEarnStore } from '../../stores/earn/earn-store.ts';
import { openEnrol, typeEnrol } from '../../stores/enrol/enrol-actions.ts';
import { useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import { lastSaid, openFakeTerminal } from '../../stores/fake-terminal.ts';
import { confirmFind, identify, typeFind } from '../../stores/find/find-actions.ts';
import { lock } from '../../stores/lock/lock-actions.ts';
import { placeOf, usePlaceStore } from '../../stores/place/place-store.ts';
import { useRefundStore } from '../../stores/refund/refund-store.ts';
import { reasonOff, runCommand } from './handle-key.ts';
import type { Command } from './handle-key.ts';

const at = () => placeOf(usePlaceStore.getState()).at;

test.each<[Command, Partial<Parameters<typeof reasonOff>[1]>, ReturnType<typeof reasonOff>]>([
	['find', {}, null],
	['earn', {}, null],
	['earn', { hasSubject: false }, 'needs_member'],
	['earn', { hasProgramme: false }, 'needs_programme'],
	['enrol', { hasProgramme: false }, 'needs_programme'],
	['redeem', {}, 'redeem_off'],
	['lock', { hasRoster: false }, 'needs_roster'],
	['refund', { hasSubject: false }, null],
	['waiting', { isLocked: true }, 'unlock_first'],
	['keys', { isLocked: true }, null],
])('%s with %o is off because of %s', (command, facts, reason) => {
	expect(reasonOff(command, { hasSubject: true, hasProgramme: true, isLocked: false, hasRoster: true, ...facts })).toBe(reason);
});

describe('Esc', () => {
	test('asks before an amount is given up, and gives it up the second time', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await runCommand('back');
		expect(at()).toBe('member');
		expect(useEarnStore.getState().earn).toMatchObject({ isLeaveAsked: true, draft: { amountMinor: 4190 } });
		await runCommand('back');
		expect(at()).toBe('ready');
		expect(useEarnStore.getState().earn.draft.amountMinor).toBe(0);
	});

	test('typing on answers the question with no', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await runCommand('back');
		typeAmount('41900');
		await runCommand('back');
		expect(at()).toBe('member');
	});

	test('goes from the receipt number back to the amount', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await confirmEarn();
		await runCommand('back');
		expect(useEarnStore.getState().earn.draft).toMatchObject({ step: 'amount', amountMinor: 4190 });
	});

	test('leaves a finished sale without a question', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await confirmEarn();
		await confirmEarn();
		await runCommand('back');
		expect(at()).toBe('ready');
	});

	test('keeps a half-typed enrolment and says so', async () => {
		await openFakeTerminal();
		openEnrol();
		typeEnrol('firstName', 'Márta');
		await runCommand('back');
		expect(at()).toBe('ready');
		expect(useEnrolStore.getState().form.firstName).toBe('Márta');
		expect(lastSaid()).toEqual({ kind: 'plain', id: 'enrol_kept' });
	});

	test('takes the topmost thing only', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		await runCommand('keys');
		await runCommand('back');
		expect(usePlaceStore.getState().overlay).toEqual({ kind: 'none' });
		expect(at()).toBe('member');
	});

	test('goes one step back inside a refund, then out of it', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await confirmEarn();
		await confirmEarn();
		await runCommand('refund');
		expect(useRefundStore.getState().refund).toMatchObject({ phase: 'amount' });
		await runCommand('back');
		expect(useRefundStore.getState().refund).toMatchObject({ phase: 'receipt', receipt: '000731' });
		await runCommand('back');
		expect(at()).toBe('member');
	});
});

describe('the function keys', () => {
	test('F2 asks like Esc when an amount is typed, and shows the question', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await runCommand('waiting');
		await runCommand('find');
		expect(at()).toBe('member');
		expect(useEarnStore.getState().earn).toMatchObject({ isLeaveAsked: true });
		await runCommand('find');
		expect(at()).toBe('ready');
	});

	test('F4 comes back to the sale from anywhere', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await runCommand('waiting');
		await runCommand('earn');
		expect(at()).toBe('member');
		expect(useEarnStore.getState().earn.draft.amountMinor).toBe(4190);
	});

	test('F4 without a card says what is needed', async () => {
		await openFakeTerminal();
		await runCommand('earn');
		expect(lastSaid()).toEqual({ kind: 'plain', id: 'needs_member' });
	});

	test('F8 tells why it does nothing', async () => {
		await openFakeTerminal();
		await runCommand('redeem');
		expect(lastSaid()).toEqual({ kind: 'plain', id: 'redeem_off' });
	});

	test('F3 takes the card that nobody has into the form', async () => {
		await openFakeTerminal({ 'member.identify': () => ok({ kind: 'unknown_card', barcode: unknownBarcode, asOfMs: 1, isLoading: false }) });
		await identify(unknownBarcode, 'scan');
		await runCommand('enrol');
		expect(useEnrolStore.getState().form.barcode).toBe(unknownBarcode);
	});

	test('F3 takes what found nobody into the form', async () => {
		await openFakeTerminal({ 'member.identify': () => ok({ kind: 'nobody', asOfMs: 1, isLoading: false }) });
		typeFind('Szabó Márta');
		await confirmFind();
		await runCommand('enrol');
		expect(useEnrolStore.getState().form).toMatchObject({ firstName: 'Szabó', lastName: 'Márta' });
	});

	test('nothing but the key map works while it is locked', async () => {
		await openFakeTerminal();
		await lock();
		await runCommand('waiting');
		expect(at()).toBe('ready');
		expect(lastSaid()).toEqual({ kind: 'plain', id: 'unlock_first' });
		await runCommand('keys');
		expect(usePlaceStore.getState().overlay.kind).toBe('keys');
	});

	test('a terminal without a programme cannot enrol', async () => {
		await openFakeTerminal({ 'session.open': () => ok(session({ programme: null })) });
		await runCommand('enrol');
		expect(at()).toBe('ready');
		expect(lastSaid()).toEqual({ kind: 'plain', id: 'needs_programme' });
	});
});
