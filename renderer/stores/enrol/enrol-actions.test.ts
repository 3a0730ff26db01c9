import { describe, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { card, eventId, memberLine, unknownBarcode } from '../../bridge/scripted/fixtures.ts';
import { openFakeTerminal } from '../fake-terminal.ts';
import { enter, goHome, placeOf, usePlaceStore } from '../place/place-store.ts';
import { useSignalStore } from '../signal/signal-store.ts';
import { confirmEnrol, findSuspects, openEnrol, scanEnrolCard, setGranted, takeNextCard, typeEnrol } from './enrol-actions.ts';
import { initialEnrolState, useEnrolStore } from './enrol-store.ts';

const state = () => useEnrolStore.getState();

function fill(): void {
	openEnrol();
	scanEnrolCard('2900000004823');
	typeEnrol('firstName', 'Márta');
	typeEnrol('mobile', '+36301234567');
	setGranted('terms', true);
	setGranted('sms', true);
}

describe('enrolling', () => {
	test('records the form with every consent that was asked, and opens the card', async () => {
		const bridge = await openFakeTerminal({ 'member.enrol': () => ok({ eventId: eventId(1), member: card({ memberId: 'm-new' }) }) });
		fill();
		await confirmEnrol();
		expect(bridge.made.find((call) => call.name === 'member.enrol')?.input).toMatchObject({
			form: { barcode: '2900000004823', firstName: 'Márta', lastName: '', mobile: '+36301234567', email: '' },
			consents: [
				{ purpose: 'terms', granted: true, version: 4, language: 'en' },
				{ purpose: 'email', granted: false, version: 2, language: 'en' },
				{ purpose: 'sms', granted: true, version: 2, language: 'en' },
			],
		});
		expect(placeOf(usePlaceStore.getState())).toMatchObject({ at: 'member', subject: { card: { memberId: 'm-new' } } });
		expect(usePlaceStore.getState().places.map((place) => place.at)).toEqual(['ready', 'member']);
		expect(state()).toEqual(initialEnrolState);
	});

	test('marks what is missing instead of asking the services', async () => {
		const bridge = await openFakeTerminal();
		openEnrol();
		typeEnrol('firstName', 'Márta');
		await confirmEnrol();
		expect(state().missing).toEqual(['card', 'contact', 'terms']);
		expect(bridge.made.some((call) => call.name === 'member.enrol')).toBe(false);
	});

	test('keeps the form when the services say no', async () => {
		await openFakeTerminal({ 'member.enrol': () => fail(terminalError('ENROL-101')) });
		fill();
		await confirmEnrol();
		expect(state()).toMatchObject({ isSending: false, problem: { code: 'ENROL-101' }, requestId: null, form: { firstName: 'Márta' } });
		typeEnrol('lastName', 'Szabó');
		expect(state().problem).toBeNull();
	});

	test('keeps the request id of an attempt without an answer', async () => {
		const bridge = await openFakeTerminal({ 'member.enrol': () => fail(terminalError('BRIDGE-102', { verdict: 'unknown' })) });
		fill();
		await confirmEnrol();
		await confirmEnrol();
		const ids = bridge.made.filter((call) => call.name === 'member.enrol').map((call) => (call.input as { requestId: string }).requestId);
		expect(ids).toHaveLength(2);
		expect(ids[0]).toBe(ids[1]);
	});

	test('says it in a strip when the cashier went on meanwhile', async () => {
		const answer = Promise.withResolvers<ReturnType<typeof recorded>>();
		const recorded = () => ok({ eventId: eventId(1), member: card({ memberId: 'm-new' }) });
		await openFakeTerminal({ 'member.enrol': () => answer.promise });
		fill();
		const sent = confirmEnrol();
		goHome();
		enter({ at: 'outbox' });
		answer.resolve(recorded());
		await sent;
		expect(placeOf(usePlaceStore.getState()).at).toBe('outbox');
		expect(useSignalStore.getState().signal).toMatchObject({ isStrip: true, kind: 'found' });
	});
});

describe('the draft', () => {
	test('is kept when the place is left and taken up again, and no prefill overwrites it', async () => {
		await openFakeTerminal();
		fill();
		goHome();
		openEnrol({ firstName: 'Bence', email: 'b@example.hu' });
		expect(state().form).toMatchObject({ firstName: 'Márta', email: '' });
	});

	test('an empty one takes the prefill', async () => {
		await openFakeTerminal();
		openEnrol({ mobile: '+3630' });
		expect(state().form).toMatchObject({ mobile: '+3630', firstName: '' });
	});

	test('one without a card takes the card of an unknown member', async () => {
		await openFakeTerminal();
		openEnrol();
		typeEnrol('firstName', 'Márta');
		openEnrol({ barcode: unknownBarcode });
		expect(state()).toMatchObject({ form: { firstName: 'Márta', barcode: unknownBarcode }, cardFrom: 'scanned' });
	});

	test('tells where its card came from', async () => {
		await openFakeTerminal();
		await takeNextCard();
		expect(state()).toMatchObject({ cardFrom: 'block', form: { barcode: unknownBarcode } });
		typeEnrol('barcode', '29');
		expect(state().cardFrom).toBe('typed');
		typeEnrol('barcode', '');
		expect(state().cardFrom).toBe('none');
	});

	test('says when this terminal has no cards left', async () => {
		await openFakeTerminal({ 'member.nextCard': () => fail(terminalError('ENROL-105')) });
		await takeNextCard();
		expect(state().problem).toMatchObject({ code: 'ENROL-105' });
	});
});

test('duplicates of a form that has changed meanwhile are dropped', async () => {
	const answer = Promise.withResolvers<ReturnType<typeof found>>();
	const found = () => ok({ suspects: [{ ...memberLine(), because: 'mobile' as const }] });
	await openFakeTerminal({ 'member.duplicates': () => answer.promise });
	openEnrol();
	typeEnrol('mobile', '+3630');
	const asked = findSuspects();
	typeEnrol('mobile', '+36301');
	answer.resolve(found());
	await asked;
	expect(state().suspects).toEqual([]);
	await findSuspects();
	expect(state().suspects).toHaveLength(1);
});
