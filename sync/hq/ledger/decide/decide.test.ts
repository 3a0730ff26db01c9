import { describe, expect, test } from 'vitest';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { EventAction } from '#shared/wire/event.ts';
import type { CardStatus, MemberStatus } from '#shared/wire/member-row.ts';
import { decide } from './decide.ts';
import type { Decision, View } from './decision.ts';
import { cardOf, eventOf, memberOf, saleOf, viewOf } from './fake-view.ts';

/** `yes` applied, else the name of the code it is refused with, or `later`. */
type Word = 'yes' | 'later' | keyof typeof WIRE_CODES;

function wordOf(decision: Decision): Word | 'repeated' {
	if (decision.kind === 'applied') return 'yes';
	if (decision.kind === 'missing') return 'later';
	if (decision.kind === 'repeated') return 'repeated';
	const names = Object.entries(WIRE_CODES).find(([, code]) => code === decision.error.code);
	return (names?.[0] ?? 'internal') as Word;
}

/** A sale is there for refunds, none for a checkout. */
function decideFor(action: EventAction, changes: Partial<View>, envelope: object = {}): Word | 'repeated' {
	const isRefund = action === 'refund' || action === 'partial_refund';
	return wordOf(decide(viewOf(eventOf(action, {}, envelope), { ...(isRefund ? { sale: saleOf(), saleOwnerId: 'M' } : {}), ...changes })));
}

const BY_STATUS: Record<EventAction, Record<Exclude<MemberStatus, 'merged'>, Word>> = {
	opt_in: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'optedOut' },
	profile: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'optedOut' },
	checkout: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'optedOut' },
	refund: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'optedOut' },
	partial_refund: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'optedOut' },
	point_add: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'optedOut' },
	point_sub: {
		active: 'yes',
		inactive: 'customerNotActive',
		suspended: 'customerNotActive',
		stub: 'customerNotActive',
		opted_out: 'optedOut',
	},
	opt_out: { active: 'yes', inactive: 'yes', suspended: 'yes', stub: 'yes', opted_out: 'yes' },
};

const BY_CARD: Record<EventAction, Record<CardStatus, Word>> = {
	opt_in: { active: 'yes', blocked: 'customerNotActive', replaced: 'customerNotActive' },
	profile: { active: 'yes', blocked: 'customerNotActive', replaced: 'customerNotActive' },
	checkout: { active: 'yes', blocked: 'yes', replaced: 'yes' },
	refund: { active: 'yes', blocked: 'yes', replaced: 'yes' },
	partial_refund: { active: 'yes', blocked: 'yes', replaced: 'yes' },
	point_add: { active: 'yes', blocked: 'yes', replaced: 'yes' },
	point_sub: { active: 'yes', blocked: 'customerNotActive', replaced: 'customerNotActive' },
	opt_out: { active: 'yes', blocked: 'customerNotActive', replaced: 'customerNotActive' },
};

/** The member is unknown: named by id, by a card that nobody has, each without and with `force_stub`. */
const FOR_UNKNOWN: Record<EventAction, readonly [byId: Word, byCard: Word, forcedById: Word, forcedByCard: Word, plainById: Word]> = {
	opt_in: ['yes', 'propertyInvalid', 'yes', 'propertyInvalid', 'yes'],
	profile: ['later', 'later', 'yes', 'yes', 'customerNotFound'],
	checkout: ['later', 'later', 'yes', 'yes', 'customerNotFound'],
	refund: ['later', 'later', 'notTransactionOwner', 'notTransactionOwner', 'customerNotFound'],
	partial_refund: ['later', 'later', 'notTransactionOwner', 'notTransactionOwner', 'customerNotFound'],
	point_add: ['later', 'later', 'yes', 'yes', 'customerNotFound'],
	point_sub: ['later', 'later', 'customerNotActive', 'customerNotActive', 'customerNotFound'],
	opt_out: ['later', 'later', 'yes', 'customerNotFound', 'customerNotFound'],
};

describe('who may do what', () => {
	for (const [action, row] of Object.entries(BY_STATUS) as [EventAction, Record<MemberStatus, Word>][]) {
		for (const [status, expected] of Object.entries(row) as [MemberStatus, Word][]) {
			test(`${action} for a member who is ${status}: ${expected}`, () => {
				expect(decideFor(action, { target: memberOf('M', { status }) })).toBe(expected);
			});
		}
	}

	for (const [action, row] of Object.entries(BY_CARD) as [EventAction, Record<CardStatus, Word>][]) {
		for (const [status, expected] of Object.entries(row) as [CardStatus, Word][]) {
			test(`${action} by a card that is ${status}: ${expected}`, () => {
				const entry = cardOf('M', { status });
				expect(
					decideFor(action, { target: memberOf('M'), named: { card: entry.card, entry, forgottenAtMs: null }, isNewIdMinted: true }),
				).toBe(expected);
			});
		}
	}

	for (const [action, words] of Object.entries(FOR_UNKNOWN) as [EventAction, (typeof FOR_UNKNOWN)[EventAction]][]) {
		test(`${action} for an unknown member: ${words.join(', ')}`, () => {
			const byCard = { named: { card: cardOf('M').card, entry: null, forgottenAtMs: null }, isNewIdMinted: true };
			const other = { saleOwnerId: 'another' };
			expect([
				decideFor(action, other),
				decideFor(action, { ...other, ...byCard }),
				decideFor(action, other, { force_stub: true }),
				decideFor(action, { ...other, ...byCard }, { force_stub: true }),
				decideFor(action, { ...other, isPlain: true }),
			]).toEqual(words);
		});
	}
});

describe('cards of members who have opted out', () => {
	const forgotten = { named: { card: cardOf('M').card, entry: null, forgottenAtMs: 2000 }, isNewIdMinted: true };

	test('what was recorded before the member left is void', () => {
		expect(decideFor('checkout', { ...forgotten, effectiveAtMs: 1999 })).toBe('optedOut');
	});

	test('what was recorded afterwards waits for a new enrolment', () => {
		expect(decideFor('checkout', { ...forgotten, effectiveAtMs: 2000 })).toBe('later');
	});

	test('no account is opened for such a card by force', () => {
		expect(decideFor('checkout', { ...forgotten, effectiveAtMs: 2000 }, { force_stub: true })).toBe('optedOut');
	});
});

describe('bounds', () => {
	test('a balance does not leave its bounds', () => {
		const rich = memberOf('M', { points: 1_000_000_000_000 });
		expect(decideFor('point_add', { target: rich })).toBe('propertyInvalid');
		expect(decideFor('point_sub', { target: rich })).toBe('yes');
		expect(decideFor('point_sub', { target: memberOf('M', { points: -1_000_000_000_000 }) })).toBe('propertyInvalid');
	});

	test('an Antavo client is told that who has opted out is not found', () => {
		expect(decideFor('checkout', { target: memberOf('M', { status: 'opted_out' }), isPlain: true })).toBe('customerNotFound');
	});
});
