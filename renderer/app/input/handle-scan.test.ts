import { expect, test } from 'vitest';
import { outboxLine } from '../../bridge/scripted/fixtures.ts';
import { openCorrectEnrolment, useCorrectEnrolmentStore } from '../../stores/correct/correct-enrolment.ts';
import { openCorrect } from '../../stores/correct/correct-actions.ts';
import { useCorrectStore } from '../../stores/correct/correct-store.ts';
import { confirmEarn, typeAmount } from '../../stores/earn/earn-actions.ts';
import { useEarnStore } from '../../stores/earn/earn-store.ts';
import { openEnrol, typeEnrol } from '../../stores/enrol/enrol-actions.ts';
import { useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import { lastSaid, openFakeTerminal } from '../../stores/fake-terminal.ts';
import { lock } from '../../stores/lock/lock-actions.ts';
import { placeOf, showOverlay, usePlaceStore } from '../../stores/place/place-store.ts';
import { openRefund } from '../../stores/refund/refund-actions.ts';
import { useRefundStore } from '../../stores/refund/refund-store.ts';
import { handleScan } from './handle-scan.ts';

const CARD = '2900000000018';
const at = () => placeOf(usePlaceStore.getState()).at;

test('a card opens from under a dialog', async () => {
	await openFakeTerminal();
	showOverlay({ kind: 'keys' });
	await handleScan(CARD);
	expect(at()).toBe('member');
	expect(usePlaceStore.getState().overlay.kind).toBe('none');
});

test('while locked a scan only says so', async () => {
	const bridge = await openFakeTerminal();
	await lock();
	await handleScan(CARD);
	expect(lastSaid()).toEqual({ kind: 'plain', id: 'unlock_first' });
	expect(bridge.made.some((call) => call.name === 'member.identify')).toBe(false);
});

test('while enrolling a scan is the new card and the form stays', async () => {
	await openFakeTerminal();
	openEnrol();
	typeEnrol('firstName', 'Márta');
	await handleScan(CARD);
	expect(at()).toBe('enrol');
	expect(useEnrolStore.getState().form).toMatchObject({ barcode: CARD, firstName: 'Márta' });
});

test('a receipt goes into the sale, and nothing is given before Enter', async () => {
	const bridge = await openFakeTerminal();
	await handleScan(CARD);
	typeAmount('4190');
	await handleScan('R-000777');
	expect(useEarnStore.getState().earn).toMatchObject({ phase: 'typing', draft: { step: 'receipt', receipt: 'R-000777' } });
	expect(bridge.made.some((call) => call.name === 'sale.earn')).toBe(false);
	await confirmEarn();
	expect(useEarnStore.getState().earn.phase).toBe('given');
});

test('before an amount is typed a scan is always a card', async () => {
	const bridge = await openFakeTerminal();
	await handleScan(CARD);
	await handleScan('R-000777');
	expect(bridge.made.filter((call) => call.name === 'member.identify')).toHaveLength(2);
});

test('a receipt finds the sale to refund at once', async () => {
	await openFakeTerminal();
	await openRefund(null);
	await handleScan('000731');
	expect(useRefundStore.getState().refund).toMatchObject({ phase: 'amount' });
});

test('while a sale is corrected a scan is its card, and the form stays', async () => {
	await openFakeTerminal();
	openCorrect(outboxLine(1, { canCorrect: true }));
	await handleScan(CARD);
	expect(useCorrectStore.getState().barcode).toBe(CARD);
	expect(usePlaceStore.getState().overlay.kind).toBe('correct');
});

test('while an enrolment is corrected a scan is its card, and the form stays', async () => {
	await openFakeTerminal();
	await openCorrectEnrolment(outboxLine(1).eventId);
	await handleScan(CARD);
	expect(useCorrectEnrolmentStore.getState().form.barcode).toBe(CARD);
	expect(usePlaceStore.getState().overlay.kind).toBe('correct_enrolment');
});
