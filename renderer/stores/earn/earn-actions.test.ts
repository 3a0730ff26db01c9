import { describe, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { card, eventId, session, unknownBarcode } from '../../bridge/scripted/fixtures.ts';
import type { ScriptedBridge } from '../../bridge/scripted/scripted-bridge.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { identify } from '../find/find-actions.ts';
import { subjectOf, usePlaceStore } from '../place/place-store.ts';
import { useSignalStore } from '../signal/signal-store.ts';
import { confirmEarn, confirmRepeat, goToStep, pressEarnPad, scanReceipt, typeAmount, typeReceipt, undoEarn } from './earn-actions.ts';
import { useEarnStore } from './earn-store.ts';

const earnState = () => useEarnStore.getState().earn;
const earnCalls = (bridge: ScriptedBridge) => bridge.made.filter((call) => call.name === 'sale.earn').map((call) => call.input);
const given = (points: number) => ok({ eventId: eventId(731), points, member: card({ pendingPoints: 90 + points }) });

async function scanAndType(amount: string): Promise<void> {
	await identify('2900000000018', 'scan');
	typeAmount(amount);
}

describe('the usual sale', () => {
	test('is scan, digits, Enter, Enter when the next receipt number is right', async () => {
		const bridge = await openFakeTerminal();
		await scanAndType('4190');
		await confirmEarn();
		expect(earnState().draft).toMatchObject({ step: 'receipt', receipt: '000732', suggestion: '000732' });
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'given', points: 41 });
		expect(earnCalls(bridge)).toMatchObject([
			{ member: { memberId: 'm-1' }, receiptNumber: '000732', amountMinor: 4190, currency: 'EUR', isRepeatConfirmed: false },
		]);
		expect(subjectOf(usePlaceStore.getState())).toMatchObject({ card: { pendingPoints: 131 } });
		expect(lastSaid()).toEqual({ kind: 'points', points: 41, who: 'Éva' });
	});

	test('offers no receipt number when this shift has none yet', async () => {
		await openFakeTerminal({ 'session.shift': () => ok({ salesWithCard: 0, enrolled: 0, pointsGiven: 0, justServed: [] }) });
		await scanAndType('4190');
		await confirmEarn();
		expect(earnState().draft).toMatchObject({ receipt: '', suggestion: null });
	});

	test('takes the pad’s keys into whichever of the two is asked for, and a suggestion is replaced', async () => {
		await openFakeTerminal();
		await scanAndType('');
		for (const key of ['4', '1', '9', '00', 'back'] as const) pressEarnPad(key);
		expect(earnState().draft.amountMinor).toBe(4190);
		await confirmEarn();
		for (const key of ['8', '00'] as const) pressEarnPad(key);
		expect(earnState().draft.receipt).toBe('800');
	});

	test('takes a scanned receipt and gives the points on Enter', async () => {
		const bridge = await openFakeTerminal();
		await scanAndType('4190');
		scanReceipt('R-12345');
		expect(earnCalls(bridge)).toEqual([]);
		await confirmEarn();
		expect(earnCalls(bridge)).toMatchObject([{ receiptNumber: 'R-12345' }]);
	});

	test('earns for a card that nobody has', async () => {
		const bridge = await openFakeTerminal({
			'member.identify': () => ok({ kind: 'unknown_card', barcode: unknownBarcode, asOfMs: 1, isLoading: false }),
			'sale.earn': () => ok({ eventId: eventId(1), points: 41, member: null }),
		});
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		expect(earnCalls(bridge)).toMatchObject([{ member: { barcode: unknownBarcode } }]);
		expect(earnState()).toMatchObject({ phase: 'given' });
	});
});

describe('what is missing', () => {
	test('an amount of nothing stays and says so', async () => {
		const bridge = await openFakeTerminal();
		await scanAndType('0');
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'typing', draft: { step: 'amount' }, problem: { code: 'SALE-101' } });
		expect(earnCalls(bridge)).toEqual([]);
	});

	test('an empty receipt number stays and says so; typing takes the word away', async () => {
		await openFakeTerminal();
		await scanAndType('4190');
		await confirmEarn();
		typeReceipt('');
		await confirmEarn();
		expect(earnState()).toMatchObject({ problem: { code: 'SALE-102' } });
		typeReceipt('7');
		expect(earnState()).toMatchObject({ problem: null });
	});

	test('nothing is sent before the first contact with headquarters', async () => {
		const bridge = await openFakeTerminal({ 'session.open': () => ok(session({ programme: null })) });
		await scanAndType('4190');
		goToStep('receipt');
		typeReceipt('1');
		await confirmEarn();
		expect(earnCalls(bridge)).toEqual([]);
	});
});

describe('an attempt without an answer', () => {
	test('is repeated under the same request id', async () => {
		let attempts = 0;
		const bridge = await openFakeTerminal({
			'sale.earn': () => {
				attempts += 1;
				return attempts === 1 ? fail(terminalError('BRIDGE-102', { verdict: 'unknown' })) : given(41);
			},
		});
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'typing', problem: { code: 'BRIDGE-102' } });
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'given' });
		const ids = earnCalls(bridge).map((input) => (input as { requestId: string }).requestId);
		expect(ids).toHaveLength(2);
		expect(new Set(ids).size).toBe(1);
	});

	test('takes a new id once the sale is changed', async () => {
		const bridge = await openFakeTerminal({ 'sale.earn': () => fail(terminalError('BRIDGE-102', { verdict: 'unknown' })) });
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		typeReceipt('800');
		await confirmEarn();
		expect(new Set(earnCalls(bridge).map((input) => (input as { requestId: string }).requestId)).size).toBe(2);
	});
});

describe('a clear no', () => {
	test('a receipt that earned today asks, and is given when the cashier says so', async () => {
		const bridge = await openFakeTerminal({
			'sale.earn': ({ isRepeatConfirmed }) => (isRepeatConfirmed ? given(41) : fail(terminalError('SALE-103'))),
		});
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'repeat' });
		expect(useSignalStore.getState().signal?.kind).toBe('attention');
		await confirmRepeat();
		expect(earnState()).toMatchObject({ phase: 'given' });
		expect(earnCalls(bridge)).toMatchObject([{ isRepeatConfirmed: false }, { isRepeatConfirmed: true }]);
	});

	test('a suspended member is refused and the sale can be taken up again', async () => {
		await openFakeTerminal({ 'sale.earn': () => fail(terminalError('MEMBER-103')) });
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'refused', error: { code: 'MEMBER-103' } });
		goToStep('amount');
		expect(earnState()).toMatchObject({ phase: 'typing', draft: { amountMinor: 4190 } });
	});

	test('a receipt number that the services do not accept is asked for again', async () => {
		await openFakeTerminal({ 'sale.earn': () => fail(terminalError('SALE-102')) });
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		expect(earnState()).toMatchObject({ phase: 'typing', draft: { step: 'receipt' }, problem: { code: 'SALE-102' } });
	});
});

describe('another card meanwhile', () => {
	test('an answer to the sale before does not overwrite the new one, and is said', async () => {
		const answer = Promise.withResolvers<ReturnType<typeof given>>();
		await openFakeTerminal({
			'sale.earn': () => answer.promise,
			'member.identify': ({ text }) => ok({ kind: 'found', member: card({ memberId: text === '2' ? 'm-2' : 'm-1' }) }),
		});
		await scanAndType('4190');
		await confirmEarn();
		const sent = confirmEarn();
		await identify('2', 'scan');
		answer.resolve(given(41));
		await sent;
		expect(earnState()).toMatchObject({ phase: 'typing', draft: { amountMinor: 0 } });
		expect(subjectOf(usePlaceStore.getState())).toMatchObject({ card: { memberId: 'm-2' } });
		expect(useSignalStore.getState().signal).toMatchObject({ isStrip: true, said: { kind: 'points', points: 41 } });
	});
});

describe('taking it back', () => {
	test('brings the sale back to be mended', async () => {
		const bridge = await openFakeTerminal();
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		await undoEarn();
		expect(bridge.made.at(-2)).toMatchObject({ name: 'sale.void', input: { eventId: eventId(731) } });
		expect(earnState()).toMatchObject({
			phase: 'typing',
			draft: { step: 'amount', amountMinor: 4190, receipt: '000732', requestId: null },
		});
	});

	test('says why when it is too late', async () => {
		await openFakeTerminal({ 'sale.void': () => fail(terminalError('SALE-107')) });
		await scanAndType('4190');
		await confirmEarn();
		await confirmEarn();
		await undoEarn();
		expect(earnState()).toMatchObject({ phase: 'given', isUndoing: false, problem: { code: 'SALE-107' } });
	});

	test('does nothing when nothing was given', async () => {
		const bridge = await openFakeTerminal();
		await undoEarn();
		expect(bridge.made.some((call) => call.name === 'sale.void')).toBe(false);
	});
});
