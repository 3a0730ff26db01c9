import { assert, unreachable } from '#shared/lib/assert.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { addCard } from './cards.ts';
import { decideOptIn, decideOptOut, decideProfile } from './decide-membership.ts';
import { decideCheckout, decidePoints, decideRefund } from './decide-points.ts';
import { missing, refused } from './decision.ts';
import type { Decision, View } from './decision.ts';
import { emptyMember } from './member-state.ts';
import type { MemberState } from './member-state.ts';
import { CARD_RULES, STATUS_RULES } from './status-rules.ts';

/** No balance leaves these bounds (`BalanceSchema`), so that sums stay exact on every side. */
const BALANCE_MAX = 1_000_000_000_000;

/**
 * The outcome of one event: a pure function of what arrived and the state it meets. Dedupe by event id and the order of events are
 * the caller's; everything about members, cards, sales and points is decided here.
 */
export function decide(view: View): Decision {
	const { target, event, named } = view;
	if (target !== null) {
		const rule = STATUS_RULES[event.action][target.status];
		// Antavo no longer finds who has opted out.
		if (rule === 'optedOut' && view.isPlain) return refused('customerNotFound', 'Customer not found');
		if (rule !== 'allowed') return refused(rule, `not allowed for a customer who is ${target.status}`);
	}
	if (named !== null && named.entry !== null) {
		const rule = CARD_RULES[event.action][named.entry.status];
		if (rule !== 'allowed') return refused(rule, `not allowed by a card that is ${named.entry.status}`);
	}
	const decision = target === null ? decideForUnknown(view) : dispatch(view, event, target);
	return isInBounds(decision) ? decision : refused('propertyInvalid', 'the balance would leave its bounds');
}

function decideForUnknown(view: View): Decision {
	const { event, named } = view;
	if (event.action === 'opt_in') return decideOptIn({ ...view, event });
	const isForced = event.force_stub === true;
	// A card whose holder has opted out: what was recorded before that is void for good.
	const forgottenAtMs = named?.forgottenAtMs ?? null;
	if (forgottenAtMs !== null && (isForced || view.effectiveAtMs < forgottenAtMs)) return refused('optedOut', 'Customer has opted out');
	if (isForced) return decideForStub(view);
	return view.isPlain ? refused('customerNotFound', 'Customer not found') : missing('the customer has not arrived yet');
}

/** Opens an account without personal data, so that points are never without an owner. A later `opt_in` fills it. */
function decideForStub(view: View): Decision {
	const { event, named, programme } = view;
	const stub = emptyMember(view.newId, 'stub', programme);
	const rule = STATUS_RULES[event.action].stub;
	if (rule !== 'allowed') return refused(rule, 'not allowed for a customer who is unknown');
	// Nothing is left of a card after its holder has gone, so there is nobody to close.
	if (event.action === 'opt_out' && named !== null) return refused('customerNotFound', 'Customer not found');
	const opened = named === null ? { member: stub, cards: [] } : addCard(stub, named.card);
	assert(opened !== null, 'a first card fits');
	const decision = dispatch(view, event, opened.member);
	if (decision.kind !== 'applied') return decision;
	return { ...decision, effects: { ...decision.effects, cards: [...opened.cards, ...decision.effects.cards] } };
}

function dispatch(view: View, event: WireEvent, member: MemberState): Decision {
	switch (event.action) {
		case 'opt_in':
			return decideOptIn({ ...view, event });
		case 'profile':
			return decideProfile({ ...view, event }, member);
		case 'opt_out':
			return decideOptOut({ ...view, event }, member);
		case 'checkout':
			return decideCheckout({ ...view, event }, member);
		case 'refund':
		case 'partial_refund':
			return decideRefund({ ...view, event }, member);
		case 'point_add':
		case 'point_sub':
			return decidePoints({ ...view, event }, member);
		default:
			return unreachable(event);
	}
}

function isInBounds(decision: Decision): boolean {
	return decision.kind !== 'applied' || decision.effects.members.every((member) => Math.abs(member.points) <= BALANCE_MAX);
}
