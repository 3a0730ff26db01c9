import { describe, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Identification } from '#shared/bridge/member-card.ts';
import { card, memberLine, unknownBarcode } from '../../bridge/scripted/fixtures.ts';
import { typeAmount } from '../earn/earn-actions.ts';
import { useEarnStore } from '../earn/earn-store.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { enter, placeOf, subjectOf, usePlaceStore } from '../place/place-store.ts';
import { useSignalStore } from '../signal/signal-store.ts';
import { confirmFind, identify, moveHighlight, openMember, refreshSubject, typeFind } from './find-actions.ts';
import { useFindStore } from './find-store.ts';

const place = () => placeOf(usePlaceStore.getState());
const finding = () => useFindStore.getState().finding;
const answering = (answer: Identification) => openFakeTerminal({ 'member.identify': () => ok(answer) });

describe('what a scan leads to', () => {
	test('a member: the card, from anywhere', async () => {
		await openFakeTerminal();
		enter({ at: 'outbox' });
		await identify('2900000000018', 'scan');
		expect(place()).toMatchObject({ at: 'member', subject: { card: { memberId: 'm-1' } } });
		expect(useSignalStore.getState().signal).toMatchObject({ kind: 'found', isStrip: false });
	});

	test('a card that nobody has: a card that can earn', async () => {
		await answering({ kind: 'unknown_card', barcode: unknownBarcode, asOfMs: 5, isLoading: false });
		await identify(unknownBarcode, 'scan');
		expect(place()).toMatchObject({ at: 'member', subject: { kind: 'unknown', barcode: unknownBarcode } });
		expect(useSignalStore.getState().signal).toMatchObject({ kind: 'attention' });
	});

	test.each<[Identification, string]>([
		[{ kind: 'wrong_check_digit' }, 'SCAN-102'],
		[{ kind: 'coupon' }, 'SCAN-103'],
		[{ kind: 'book' }, 'SCAN-104'],
		[{ kind: 'unreadable', reason: 'too_short' }, 'SCAN-101'],
		[{ kind: 'blocked_card', member: memberLine(), cardStatus: 'blocked' }, 'MEMBER-102'],
	])('$kind: an answer on Ready', async (answer, code) => {
		await answering(answer);
		await identify('x', 'scan');
		expect(finding()).toMatchObject({ kind: 'answer', answer: { kind: answer.kind } });
		expect(lastSaid()).toMatchObject({ kind: 'error', error: { code } });
	});

	test('a misread leaves an open card and what is typed alone', async () => {
		await openFakeTerminal({
			'member.identify': ({ text }) => ok(text === 'bad' ? { kind: 'wrong_check_digit' } : { kind: 'found', member: card() }),
		});
		await identify('2900000000018', 'scan');
		typeAmount('4190');
		await identify('bad', 'scan');
		expect(place().at).toBe('member');
		expect(useEarnStore.getState().earn.draft.amountMinor).toBe(4190);
		expect(useSignalStore.getState().signal).toMatchObject({ isStrip: true, said: { error: { code: 'SCAN-102' } } });
	});

	test('services that fail: said on Ready', async () => {
		await openFakeTerminal({ 'member.identify': () => fail(terminalError('INTERNAL-101')) });
		await identify('x', 'scan');
		expect(finding()).toMatchObject({ kind: 'failed', error: { code: 'INTERNAL-101' } });
	});
});

describe('two questions', () => {
	test('only the last is answered', async () => {
		const first = Promise.withResolvers<ReturnType<typeof ok<Identification>>>();
		await openFakeTerminal({
			'member.identify': ({ text }) => (text === '1' ? first.promise : ok({ kind: 'found' as const, member: card({ memberId: 'm-2' }) })),
		});
		const asked = identify('1', 'scan');
		await identify('2', 'scan');
		first.resolve(ok({ kind: 'found', member: card({ memberId: 'm-1' }) }));
		await asked;
		expect(subjectOf(usePlaceStore.getState())).toMatchObject({ card: { memberId: 'm-2' } });
	});
});

describe('the same card again', () => {
	test('keeps the amount that is typed', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await identify('1', 'scan');
		expect(useEarnStore.getState().earn.draft.amountMinor).toBe(4190);
	});

	test('another card gives the amount up and says so', async () => {
		await openFakeTerminal({ 'member.identify': ({ text }) => ok({ kind: 'found', member: card({ memberId: `m-${text}` }) }) });
		await identify('1', 'scan');
		typeAmount('4190');
		await identify('2', 'scan');
		expect(useEarnStore.getState().earn.draft.amountMinor).toBe(0);
		expect(useSignalStore.getState().signal).toMatchObject({
			isStrip: true,
			said: { kind: 'sale_dropped', amountMinor: 4190, who: 'Éva' },
		});
	});
});

describe('several', () => {
	const members = ['m-1', 'm-2', 'm-3'].map((memberId) => memberLine({ memberId }));

	test('the arrows choose and stop at the ends; Enter opens', async () => {
		const bridge = await answering({ kind: 'several', members, hasMore: false });
		typeFind('nagy');
		await confirmFind();
		moveHighlight(-1);
		expect(finding()).toMatchObject({ highlighted: 0 });
		for (let count = 0; count < 5; count += 1) moveHighlight(1);
		expect(finding()).toMatchObject({ highlighted: 2 });
		await confirmFind();
		expect(bridge.made.at(-1)).toEqual({ name: 'member.open', input: { memberId: 'm-3' } });
		expect(place().at).toBe('member');
	});

	test('typing on takes the list away', async () => {
		await answering({ kind: 'several', members, hasMore: false });
		typeFind('nagy');
		await confirmFind();
		typeFind('nagy é');
		expect(finding()).toEqual({ kind: 'idle' });
	});
});

test('Enter on a replaced card opens its member', async () => {
	const bridge = await answering({ kind: 'blocked_card', member: memberLine({ memberId: 'm-7' }), cardStatus: 'replaced' });
	await identify('x', 'scan');
	await confirmFind();
	expect(bridge.made.at(-1)).toEqual({ name: 'member.open', input: { memberId: 'm-7' } });
});

test('an empty search asks nothing', async () => {
	const bridge = await openFakeTerminal();
	const before = bridge.made.length;
	typeFind('   ');
	await confirmFind();
	expect(bridge.made).toHaveLength(before);
});

test('a card that is open is read again without touching the sale', async () => {
	let points = 100;
	await openFakeTerminal({
		'member.open': () => ok(card({ points })),
		'member.identify': () => ok({ kind: 'found', member: card({ points }) }),
	});
	await identify('1', 'scan');
	typeAmount('4190');
	points = 141;
	await refreshSubject();
	expect(subjectOf(usePlaceStore.getState())).toMatchObject({ card: { points: 141 } });
	expect(useEarnStore.getState().earn.draft.amountMinor).toBe(4190);
});

test('a member who is gone is said', async () => {
	await openFakeTerminal({ 'member.open': () => fail(terminalError('MEMBER-104')) });
	await openMember(memberLine().memberId);
	expect(finding()).toMatchObject({ kind: 'failed', error: { code: 'MEMBER-104' } });
});
