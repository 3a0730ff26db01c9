import { describe, expect, test } from 'vitest';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { ALIASES_MAX, aliasOf } from './cards.ts';
import { decide } from './decide.ts';
import type { Decision, View } from './decision.ts';
import { CARD, EFFECTIVE_AT_MS, cardOf, eventOf, memberOf, viewOf } from './fake-view.ts';
import type { MemberState } from './member-state.ts';

const ANN = {
	first_name: ' Ann ',
	last_name: 'Lee',
	email: 'ann@example.com',
	mobile_phone: '+36201234567',
	language: 'en',
	birth_date: '1991-04-02',
};
const terms = (granted: boolean, at: number, purpose = 'terms') => ({ purpose, granted, at, version: 4, language: 'en' });

function accept(decision: Decision): Extract<Decision, { kind: 'applied' }> {
	if (decision.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(decision)}`);
	return decision;
}

function codeOf(decision: Decision): number | null {
	return decision.kind === 'refused' ? decision.error.code : null;
}

function changedOf(decision: Decision, id: string): MemberState | undefined {
	return accept(decision).effects.members.find((member) => member.id === id);
}

const optIn = (data: object, changes: Partial<View> = {}) => decide(viewOf(eventOf('opt_in', data), changes));
const offer = (owner: MemberState | null, forgottenAtMs: number | null = null) => ({ offered: { card: CARD, owner, forgottenAtMs } });

describe('opt_in of a new id', () => {
	test('makes an active member with card, contacts and consents', () => {
		const decision = optIn({ ...ANN, consents: [terms(true, 5)] }, offer(null));
		expect(changedOf(decision, 'M')).toMatchObject({
			status: 'active',
			card: CARD,
			cardStatus: 'active',
			firstName: 'Ann',
			lastName: 'Lee',
			email: 'ann@example.com',
			mobile: '+36201234567',
			attributes: { birth_date: '1991-04-02' },
			optInAtMs: EFFECTIVE_AT_MS,
			points: 0,
			tier: 'basic',
			profile: { language: 'en', opt_in_at: EFFECTIVE_AT_MS, consents: { terms: true } },
			consents: { terms: { granted: true, at: 5 } },
		});
		expect(accept(decision).effects.cards).toEqual([cardOf('M')]);
	});

	test('recorded before the holder of its card left does not bring the person back', () => {
		expect(codeOf(optIn(ANN, { ...offer(null, EFFECTIVE_AT_MS + 1) }))).toBe(WIRE_CODES.optedOut);
		expect(accept(optIn(ANN, { ...offer(null, EFFECTIVE_AT_MS) })).memberId).toBe('M');
	});

	test('with more attributes than fit is refused', () => {
		expect(codeOf(optIn({ note: 'x'.repeat(17_000) }))).toBe(WIRE_CODES.propertyInvalid);
	});
});

describe('opt_in with a card that somebody has', () => {
	const owner = memberOf('O', { card: CARD, cardStatus: 'active', firstName: 'Ann', points: 30 });

	test('becomes an alias of the owner, who gains what was missing', () => {
		const decision = optIn(ANN, offer(owner));
		expect(accept(decision).memberId).toBe('O');
		expect(changedOf(decision, 'O')).toMatchObject({
			firstName: 'Ann',
			lastName: 'Lee',
			mobile: '+36201234567',
			points: 30,
			status: 'active',
		});
		expect(changedOf(decision, 'M')).toMatchObject({
			status: 'merged',
			aliasOf: 'O',
			mergedInto: 'O',
			card: null,
			firstName: null,
			email: null,
			points: 0,
		});
		expect(accept(decision).effects.entries).toEqual([]);
	});

	test('never overwrites what the owner has, and the stricter consent holds', () => {
		const known = {
			...owner,
			lastName: 'Li',
			consents: { email: { granted: true, at: 9, version: 4, language: 'en' } },
			profile: { consents: { email: true, sms: false } },
		};
		const changed = changedOf(optIn({ ...ANN, consents: [terms(false, 1, 'email'), terms(true, 20, 'sms')] }, offer(known)), 'O');
		expect(changed).toMatchObject({
			lastName: 'Li',
			consents: { email: { granted: false } },
			profile: { consents: { email: false, sms: false } },
		});
	});

	test.each([
		['phone', { mobile: '+36209999999' }],
		['e-mail', { email: 'other@example.com' }],
	])('of whom the %s differs stays a member without the card, and both are marked', (_what, contact) => {
		const decision = optIn(ANN, offer({ ...owner, ...contact }));
		expect(changedOf(decision, 'M')).toMatchObject({ status: 'active', card: null, profile: { identity_conflict: true } });
		expect(changedOf(decision, 'O')).toMatchObject({ card: CARD, profile: { identity_conflict: true } });
		expect(accept(decision).effects.cards).toEqual([]);
	});

	test('of whom the e-mail differs in case only is the same person', () => {
		expect(accept(optIn(ANN, offer({ ...owner, email: 'Ann@Example.com' }))).memberId).toBe('O');
	});

	test('opens a stub that a sale had made for the card', () => {
		const decision = optIn({ ...ANN, consents: [terms(true, 5)] }, offer({ ...owner, status: 'stub', firstName: null, optInAtMs: null }));
		expect(changedOf(decision, 'O')).toMatchObject({
			status: 'active',
			firstName: 'Ann',
			points: 30,
			optInAtMs: EFFECTIVE_AT_MS,
			profile: { opt_in_at: EFFECTIVE_AT_MS },
		});
	});
});

describe('opt_in of an id that is known', () => {
	test('opens a stub and keeps its points', () => {
		const decision = optIn(ANN, { target: memberOf('M', { status: 'stub', points: 12, optInAtMs: null }), ...offer(null) });
		expect(changedOf(decision, 'M')).toMatchObject({ status: 'active', points: 12, firstName: 'Ann', card: CARD });
	});

	test('moves the balance and the cards of a stub to the owner of its card', () => {
		const stub = memberOf('M', {
			status: 'stub',
			card: '2900000000025',
			cardStatus: 'active',
			points: 12,
			purchaseTotalMinor: 1290,
			purchaseCount: 1,
			purchaseLastAtMs: 7,
		});
		const owner = memberOf('O', { card: CARD, cardStatus: 'active', points: 30 });
		const decision = optIn(ANN, { target: stub, ...offer(owner), ownCards: [cardOf('M', { card: '2900000000025' })] });
		expect(accept(decision).effects.entries).toEqual([{ debit: 'member:M', credit: 'member:O', amount: 12 }]);
		expect(changedOf(decision, 'O')).toMatchObject({
			points: 42,
			earned: 42,
			tierPoints: 42,
			purchaseTotalMinor: 1290,
			purchaseCount: 1,
			purchaseLastAtMs: 7,
			aliases: [['2900000000025', 'card', 'active']],
		});
		expect(changedOf(decision, 'M')).toMatchObject({ status: 'merged', points: 0, earned: 0, card: null });
		expect(accept(decision).effects.cards).toEqual([cardOf('O', { card: '2900000000025' })]);
	});

	test('of an active member completes it and overwrites nothing', () => {
		const target = memberOf('M', { firstName: 'Anna', attributes: { birth_date: '1990-01-01' } });
		expect(changedOf(optIn(ANN, { target }), 'M')).toMatchObject({
			firstName: 'Anna',
			lastName: 'Lee',
			attributes: { birth_date: '1990-01-01' },
		});
	});

	test('of an active member is refused for a plain client, as Antavo does', () => {
		expect(codeOf(optIn(ANN, { target: memberOf('M'), isPlain: true }))).toBe(WIRE_CODES.alreadyOptedIn);
	});

	test('of an active member adds a second card that works', () => {
		const decision = optIn({}, { target: memberOf('M', { card: '2900000000025', cardStatus: 'active' }), ...offer(null) });
		expect(changedOf(decision, 'M')).toMatchObject({ card: '2900000000025', aliases: [[CARD, 'card', 'active']] });
		expect(accept(decision).effects.cards).toEqual([cardOf('M')]);
	});

	test('of an active member with another member’s card merges nobody', () => {
		const decision = optIn({}, { target: memberOf('M', { points: 5 }), ...offer(memberOf('O', { card: CARD })) });
		expect(changedOf(decision, 'M')).toMatchObject({ status: 'active', points: 5, profile: { identity_conflict: true } });
		expect(changedOf(decision, 'O')).toMatchObject({ status: 'active', profile: { identity_conflict: true } });
	});

	test('of a suspended member does not free it', () => {
		expect(changedOf(optIn(ANN, { target: memberOf('M', { status: 'suspended' }) }), 'M')?.status).toBe('suspended');
	});
});

describe('profile', () => {
	const profile = (data: object, changes: Partial<View> = {}) =>
		decide(
			viewOf(eventOf('profile', data), {
				target: memberOf('M', { firstName: 'Ann', attributes: { size: 'M', pet: 'cat' }, profile: { language: 'en' } }),
				...changes,
			}),
		);

	test('changes what it names, clears what it names as null, and leaves the rest', () => {
		const changed = changedOf(profile({ last_name: 'Lee', first_name: '', pet: null, language: null }), 'M');
		expect(changed).toMatchObject({ firstName: null, lastName: 'Lee', attributes: { size: 'M' } });
		expect(changed?.attributes).not.toHaveProperty('pet');
		expect(changed?.profile).not.toHaveProperty('language');
	});

	test('takes the newer answer to a consent, whichever arrives later', () => {
		const target = memberOf('M', {
			consents: { sms: { granted: false, at: 10, version: 4, language: 'en' } },
			profile: { consents: { sms: false } },
		});
		expect(changedOf(profile({ consents: [terms(true, 9, 'sms')] }, { target }), 'M')?.profile.consents).toEqual({ sms: false });
		expect(changedOf(profile({ consents: [terms(true, 11, 'sms')] }, { target }), 'M')?.profile.consents).toEqual({ sms: true });
	});

	test('survives a consent whose purpose is a name of JavaScript’s own', () => {
		const changed = changedOf(profile({ consents: [terms(true, 1, '__proto__')] }), 'M');
		expect(Object.keys(changed?.consents ?? {})).toEqual(['__proto__']);
	});

	test('replaces the card and remembers the old one', () => {
		const target = memberOf('M', { card: '2900000000025', cardStatus: 'blocked' });
		const decision = profile({}, { target, ...offer(null) });
		expect(changedOf(decision, 'M')).toMatchObject({
			card: CARD,
			cardStatus: 'active',
			aliases: [['2900000000025', 'old_card', 'replaced']],
		});
		expect(accept(decision).effects.cards).toEqual([
			cardOf('M'),
			cardOf('M', { card: '2900000000025', kind: 'old_card', status: 'replaced' }),
		]);
	});

	test('makes an old card of the member its main one again', () => {
		const target = memberOf('M', { card: '2900000000025', cardStatus: 'active', aliases: [aliasOf(CARD, 'old_card', 'replaced')] });
		expect(changedOf(profile({}, { target, ...offer(target) }), 'M')).toMatchObject({
			card: CARD,
			aliases: [['2900000000025', 'old_card', 'replaced']],
		});
	});

	test('does not take another member’s card', () => {
		expect(codeOf(profile({}, offer(memberOf('O'))))).toBe(WIRE_CODES.identityConflict);
	});

	test('with one card too many is refused', () => {
		const aliases = Array.from({ length: ALIASES_MAX }, (_, index) => aliasOf(`OLD${index}`, 'old_card', 'replaced'));
		expect(codeOf(profile({}, { target: memberOf('M', { card: '2900000000025', cardStatus: 'active', aliases }), ...offer(null) }))).toBe(
			WIRE_CODES.propertyInvalid,
		);
	});
});

describe('opt_out', () => {
	const leave = (target: MemberState, changes: Partial<View> = {}) => decide(viewOf(eventOf('opt_out'), { target, ...changes }));

	test('leaves nothing but the id, and forfeits the balance', () => {
		const target = memberOf('M', {
			firstName: 'Ann',
			email: 'a@b.example',
			card: CARD,
			cardStatus: 'active',
			points: 700,
			attributes: { pet: 'cat' },
			profile: { language: 'en' },
			purchaseCount: 3,
			consents: { terms: { granted: true, at: 1, version: 4, language: 'en' } },
		});
		const decision = leave(target, { ownCards: [cardOf('M'), cardOf('M', { card: 'PASS-1', kind: 'pass' })] });
		const closed = changedOf(decision, 'M');
		expect(closed).toMatchObject({
			status: 'opted_out',
			optedOutAtMs: EFFECTIVE_AT_MS,
			card: null,
			points: 0,
			earned: 0,
			tier: 'basic',
			tierPoints: 0,
			purchaseCount: 0,
			aliases: [],
			profile: {},
			attributes: {},
			consents: {},
		});
		expect(JSON.stringify(closed)).not.toMatch(/Ann|a@b|cat|29000/);
		expect(accept(decision).effects).toMatchObject({
			entries: [{ debit: 'member:M', credit: 'forfeited', amount: 700 }],
			released: [CARD, 'PASS-1'],
		});
		expect(accept(decision).points).toBe(0);
	});

	test('with a balance below zero evens it out', () => {
		expect(accept(leave(memberOf('M', { points: -31 }))).effects.entries).toEqual([{ debit: 'forfeited', credit: 'member:M', amount: 31 }]);
	});

	test('a second time changes nothing', () => {
		expect(accept(leave(memberOf('M', { status: 'opted_out' }))).effects.members).toEqual([]);
	});
});
