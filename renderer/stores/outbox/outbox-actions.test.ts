import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { outboxLine } from '../../bridge/scripted/fixtures.ts';
import { outboxAnswer } from '../../bridge/scripted/outbox-fixture.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { placeOf, usePlaceStore } from '../place/place-store.ts';
import { loadOlder, openOutbox, resend, showOutbox, takeBack, toggleDetails } from './outbox-actions.ts';
import { useOutboxStore } from './outbox-store.ts';

const state = () => useOutboxStore.getState();
const line = outboxLine(1, { displayStatus: 'needs_person', canResend: true, canVoid: true });

test('opens with what waits and the proof', async () => {
	const bridge = await openFakeTerminal();
	await openOutbox();
	expect(placeOf(usePlaceStore.getState()).at).toBe('outbox');
	expect(bridge.made.at(-1)).toEqual({ name: 'outbox.list', input: { show: 'waiting', limit: 50 } });
	expect(state()).toMatchObject({ proof: outboxAnswer.proof, hasMore: true });
});

test('pages on before the oldest line', async () => {
	const bridge = await openFakeTerminal();
	await openOutbox();
	await loadOlder();
	expect(bridge.made.at(-1)).toEqual({ name: 'outbox.list', input: { show: 'waiting', before: 991, limit: 50 } });
	expect(state().lines).toHaveLength(2 * outboxAnswer.lines.length);
});

test('an answer to the list before is dropped', async () => {
	const slow = Promise.withResolvers<ReturnType<typeof ok<typeof outboxAnswer>>>();
	await openFakeTerminal({ 'outbox.list': ({ show }) => (show === 'waiting' ? slow.promise : ok({ ...outboxAnswer, lines: [] })) });
	const opened = openOutbox();
	await showOutbox('all');
	slow.resolve(ok(outboxAnswer));
	await opened;
	expect(state()).toMatchObject({ show: 'all', lines: [] });
});

test('sends again and reads the list again', async () => {
	const bridge = await openFakeTerminal();
	await resend(line);
	expect(bridge.made.some((call) => call.name === 'outbox.resend')).toBe(true);
	expect(bridge.made.some((call) => call.name === 'outbox.list')).toBe(true);
	expect(state().busyId).toBeNull();
	expect(lastSaid()).toEqual({ kind: 'plain', id: 'resent' });
});

test('says why an entry cannot be taken back', async () => {
	await openFakeTerminal({ 'sale.void': () => fail(terminalError('SALE-107')) });
	await takeBack(line);
	expect(lastSaid()).toMatchObject({ kind: 'error', error: { code: 'SALE-107' } });
});

test('a list that cannot be read says so', async () => {
	await openFakeTerminal({ 'outbox.list': () => fail(terminalError('BRIDGE-102')) });
	await openOutbox();
	expect(state().error).toMatchObject({ code: 'BRIDGE-102' });
});

test('details open with the life of the entry, and close', async () => {
	const bridge = await openFakeTerminal();
	await toggleDetails(line.eventId);
	expect(bridge.made.at(-1)).toEqual({ name: 'outbox.entry', input: { eventId: line.eventId } });
	expect(state()).toMatchObject({ openedId: line.eventId });
	expect(state().life?.steps[0]).toMatchObject({ kind: 'recorded' });
	await toggleDetails(line.eventId);
	expect(state()).toMatchObject({ openedId: null, life: null });
});

test('the life of an entry that is open is read again with the list', async () => {
	const bridge = await openFakeTerminal();
	await openOutbox();
	await toggleDetails(line.eventId);
	await openOutbox();
	expect(bridge.made.filter(({ name }) => name === 'outbox.entry')).toHaveLength(2);
});
