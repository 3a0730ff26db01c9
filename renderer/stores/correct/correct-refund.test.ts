import { beforeEach, expect, test } from 'vitest';
import { ok } from '#shared/lib/result.ts';
import { refundDraft, refusedRefund } from '../../bridge/scripted/outbox-fixture.ts';
import { openFakeTerminal } from '../fake-terminal.ts';
import { usePlaceStore } from '../place/place-store.ts';
import { openCorrection } from './correct-actions.ts';
import { confirmCorrectRefund, resetCorrectRefund, typeCorrectRefund, useCorrectRefundStore } from './correct-refund.ts';

const state = () => useCorrectRefundStore.getState();
const openTerminal = () => openFakeTerminal({ 'outbox.draft': () => ok(refundDraft) });
beforeEach(resetCorrectRefund);

test('opens with what was asked for, or with what is left when that is less', async () => {
	await openTerminal();
	await openCorrection(refusedRefund);
	expect(state()).toMatchObject({ eventId: refusedRefund.eventId, amountMinor: 4190 });
	resetCorrectRefund();
	await openFakeTerminal({ 'outbox.draft': () => ok({ ...refundDraft, leftMinor: 1000 } as typeof refundDraft) });
	await openCorrection(refusedRefund);
	expect(state().amountMinor).toBe(1000);
});

test('records another amount, but neither nothing nor more than is left', async () => {
	const bridge = await openTerminal();
	await openCorrection(refusedRefund);
	for (const text of ['0', '4191']) {
		typeCorrectRefund(text);
		await confirmCorrectRefund();
	}
	expect(bridge.made.some(({ name }) => name === 'outbox.correctRefund')).toBe(false);
	typeCorrectRefund('2190');
	await confirmCorrectRefund();
	expect(bridge.made.find(({ name }) => name === 'outbox.correctRefund')?.input).toMatchObject({
		eventId: refusedRefund.eventId,
		amountMinor: 2190,
	});
	expect(usePlaceStore.getState().overlay.kind).toBe('none');
});
