import { beforeEach, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { outboxLine } from '../../bridge/scripted/fixtures.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { usePlaceStore } from '../place/place-store.ts';
import { confirmCorrect, openCorrect, resetCorrect, typeCorrectAmount, typeCorrectCard, typeCorrectReceipt } from './correct-actions.ts';
import { useCorrectStore } from './correct-store.ts';

const line = outboxLine(1, { displayStatus: 'needs_person', canCorrect: true });
const state = () => useCorrectStore.getState();
const overlay = () => usePlaceStore.getState().overlay.kind;

beforeEach(resetCorrect);

test('opens with what was recorded, and keeps what was typed for the same entry', async () => {
	await openFakeTerminal();
	openCorrect(line);
	expect(state()).toMatchObject({ eventId: line.eventId, receipt: '000730', amountMinor: 4190, currency: 'EUR', barcode: '' });
	typeCorrectReceipt('000799');
	openCorrect(line);
	expect(state().receipt).toBe('000799');
	openCorrect(outboxLine(2));
	expect(state().receipt).toBe('000729');
});

test('records what was typed, closes, and reads the list again', async () => {
	const bridge = await openFakeTerminal();
	openCorrect(line);
	typeCorrectCard('2900000000018');
	typeCorrectAmount('19.90');
	await confirmCorrect();
	expect(bridge.made.find(({ name }) => name === 'outbox.correct')?.input).toMatchObject({
		eventId: line.eventId,
		barcode: '2900000000018',
		receiptNumber: '000730',
		amountMinor: 1990,
		isRepeatConfirmed: false,
	});
	expect(overlay()).toBe('none');
	expect(bridge.made.at(-1)?.name).toBe('outbox.list');
	expect(lastSaid()).toEqual({ kind: 'plain', id: 'corrected' });
	expect(state().eventId).toBeNull();
});

test('a receipt that earned today is asked about once, and a change of the form asks anew', async () => {
	const bridge = await openFakeTerminal({
		'outbox.correct': ({ isRepeatConfirmed, eventId }) => (isRepeatConfirmed ? ok({ eventId }) : fail(terminalError('SALE-103'))),
	});
	openCorrect(line);
	await confirmCorrect();
	expect(state()).toMatchObject({ isRepeatAsked: true, problem: { code: 'SALE-103' } });
	typeCorrectReceipt('1');
	expect(state()).toMatchObject({ isRepeatAsked: false, problem: null });
	await confirmCorrect();
	await confirmCorrect();
	expect(overlay()).toBe('none');
	expect(bridge.made.filter(({ name }) => name === 'outbox.correct')).toHaveLength(3);
});

test('an attempt without an answer is repeated under its id, a refused one is not', async () => {
	const answers = [terminalError('BRIDGE-102', { verdict: 'unknown' }), terminalError('SESSION-104')];
	const bridge = await openFakeTerminal({ 'outbox.correct': () => fail(answers.shift() ?? terminalError('SALE-102')) });
	openCorrect(line);
	for (let attempt = 0; attempt < 3; attempt += 1) await confirmCorrect();
	const ids = bridge.made.filter(({ name }) => name === 'outbox.correct').map(({ input }) => (input as { requestId: string }).requestId);
	expect(ids[0]).toBe(ids[1]);
	expect(ids[2]).not.toBe(ids[1]);
});
