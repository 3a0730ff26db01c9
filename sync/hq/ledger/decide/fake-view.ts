import { MemberIdSchema } from '#shared/domain/ids.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { DEFAULT_PROGRAMME } from '../../programme.ts';
import type { CardEntry, View } from './decision.ts';
import { emptyMember, withEarned } from './member-state.ts';
import type { MemberState } from './member-state.ts';
import type { SaleState } from './sale-state.ts';
import { ruleIdOf } from './timeline.ts';

/** A view for tests: everything empty but what the test says. */
export const EFFECTIVE_AT_MS = 1_700_000_000_000;
export const CARD = '2900000000018';

/** A member as loaded from the database, at version 3, with `points` from sales. */
export function memberOf(id: string, changes: Partial<MemberState> = {}): MemberState {
	const base = { ...emptyMember(id, 'active', DEFAULT_PROGRAMME), ver: 3, optInAtMs: 1 };
	return {
		...withEarned(base, { points: changes.points ?? 0, tierPoints: changes.tierPoints ?? changes.points ?? 0 }, DEFAULT_PROGRAMME),
		...changes,
	};
}

/** An event as a terminal sends it, about member M unless told. */
export function eventOf(action: WireEvent['action'], data: object = {}, envelope: object = {}): WireEvent {
	return WireEventSchema.parse({ customer: 'M', action, data: { ...minimalDataOf(action), ...data }, ...envelope });
}

/** The view of `event` with `changes`. */
export function viewOf(event: WireEvent, changes: Partial<View> = {}): View {
	return {
		event,
		eventId: '018f0000-0000-7000-8000-000000000001',
		contentHash: 'hash',
		effectiveAtMs: EFFECTIVE_AT_MS,
		nowMs: EFFECTIVE_AT_MS,
		isPlain: false,
		programme: DEFAULT_PROGRAMME,
		target: null,
		newId: MemberIdSchema.parse('M'),
		isNewIdMinted: false,
		named: null,
		offered: null,
		ownCards: [],
		sale: null,
		saleOwnerId: null,
		timeline: null,
		...changes,
	};
}

/** A sale of 41.90 that earned 41 points for M. */
export function saleOf(changes: Partial<SaleState> = {}): SaleState {
	return {
		transactionId: 'S-1',
		eventId: '018f0000-0000-7000-8000-0000000000aa',
		contentHash: 'hash',
		ownerId: 'M',
		currency: 'EUR',
		amountMinor: 4190,
		points: 41,
		refundedMinor: 0,
		pointsTakenBack: 0,
		receiptNumber: null,
		effectiveAtMs: EFFECTIVE_AT_MS,
		eligibleMinor: 4190,
		ruleId: ruleIdOf(DEFAULT_PROGRAMME),
		...changes,
	};
}

/** An entry of the card index. */
export function cardOf(memberId: string, changes: Partial<CardEntry> = {}): CardEntry {
	return { card: CARD, memberId, kind: 'card', status: 'active', ...changes };
}

function minimalDataOf(action: WireEvent['action']): object {
	switch (action) {
		case 'checkout':
			return { transaction_id: 'S-1', total: 41.9, currency: 'EUR' };
		case 'refund':
			return { transaction_id: 'S-1' };
		case 'partial_refund':
			return { transaction_id: 'S-1', amount: 10 };
		case 'point_add':
		case 'point_sub':
			return { points: 5 };
		case 'opt_in':
		case 'profile':
		case 'opt_out':
			return {};
	}
}
