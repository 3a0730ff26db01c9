import { beforeEach, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail } from '#shared/lib/result.ts';
import { refusedSale } from '../../bridge/scripted/outbox-fixture.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { hideWork } from '../lock/lock-actions.ts';
import { usePlaceStore } from '../place/place-store.ts';
import { chooseReason, confirmClose, openClose, resetClose, useCloseStore } from './close-entry.ts';

const state = () => useCloseStore.getState();
const overlay = () => usePlaceStore.getState().overlay.kind;
beforeEach(resetClose);

test('nothing is chosen beforehand, and Enter without a reason asks for one', async () => {
	const bridge = await openFakeTerminal();
	openClose(refusedSale);
	expect(state()).toMatchObject({ because: null, isReasonAsked: false });
	await confirmClose();
	expect(state().isReasonAsked).toBe(true);
	chooseReason('mistake');
	expect(state().isReasonAsked).toBe(false);
	expect(bridge.made.some(({ name }) => name === 'outbox.close')).toBe(false);
});

test('closes with the reason, and reads the list again', async () => {
	const bridge = await openFakeTerminal();
	openClose(refusedSale);
	chooseReason('not_needed');
	await confirmClose();
	expect(bridge.made.find(({ name }) => name === 'outbox.close')?.input).toMatchObject({
		eventId: refusedSale.eventId,
		because: 'not_needed',
	});
	expect(overlay()).toBe('none');
	expect(lastSaid()).toEqual({ kind: 'plain', id: 'closed' });
	expect(bridge.made.at(-1)?.name).toBe('outbox.list');
});

test('an attempt without an answer is repeated under its id; another reason is another attempt', async () => {
	const lost = terminalError('BRIDGE-102', { verdict: 'unknown' });
	const bridge = await openFakeTerminal({ 'outbox.close': () => fail(lost) });
	openClose(refusedSale);
	chooseReason('not_needed');
	await confirmClose();
	await confirmClose();
	chooseReason('mistake');
	await confirmClose();
	const ids = bridge.made.filter(({ name }) => name === 'outbox.close').map(({ input }) => (input as { requestId: string }).requestId);
	expect(ids[0]).toBe(ids[1]);
	expect(ids[2]).not.toBe(ids[1]);
	expect(state().problem).toMatchObject({ code: 'BRIDGE-102' });
	expect(overlay()).toBe('close');
});

test('the lock forgets whose entry it was', async () => {
	await openFakeTerminal();
	openClose(refusedSale);
	hideWork();
	expect(state().line).toBeNull();
});
