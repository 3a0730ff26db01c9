import type { WireEvent } from '#shared/wire/event.ts';
import { addCard, replaceCard } from './cards.ts';
import type { CardChange } from './cards.ts';
import { accountOf, applied, flow, refused } from './decision.ts';
import type { Decision, View } from './decision.ts';
import { enrolIntoOwner, markConflict } from './identity.ts';
import { emptyMember, tombstone } from './member-state.ts';
import type { MemberState } from './member-state.ts';
import { contradicts, fillBlanks, isTooLarge, overwriteFields, withConsents } from './profile-fields.ts';

type EventOf<A extends WireEvent['action']> = Extract<WireEvent, { action: A }>;

/**
 * Joins the programme. A new id becomes a member; a stub or inactive member becomes active; an active one keeps what it has and is
 * only completed, so that two enrolments of one person do no harm. A card that somebody has already leads to `identity.ts`.
 */
export function decideOptIn(view: View<EventOf<'opt_in'>>): Decision {
	const { target } = view;
	if (target === null) return enrolNew(view);
	if (target.status === 'stub' || target.status === 'inactive') return activate(view, target);
	if (view.isPlain) return refused('alreadyOptedIn', 'Customer has already been opted-in.');
	return complete(view, target);
}

/** Changes attributes; a `loyalty_barcode` is a new card in the place of the old one. */
export function decideProfile(view: View<EventOf<'profile'>>, member: MemberState): Decision {
	const { data } = view.event;
	if (otherOwner(view, member) !== null) return refused('identityConflict', 'loyalty_barcode belongs to another customer');
	const changed = withConsents(overwriteFields(member, data), data.consents ?? []);
	return finish(view.offered === null ? { member: changed, cards: [] } : replaceCard(changed, view.offered.card));
}

/** Closes the account for good: personal data and cards go, the balance is forfeited, the id stays so that it is never opened again. */
export function decideOptOut(view: View<EventOf<'opt_out'>>, member: MemberState): Decision {
	if (member.status === 'opted_out') return applied(member.id, 0, {});
	const closed = { ...tombstone(member, 'opted_out', view.programme), optedOutAtMs: view.effectiveAtMs };
	return applied(member.id, 0, {
		members: [closed],
		entries: flow(accountOf(member.id), 'forfeited', member.points),
		released: view.ownCards.map((entry) => entry.card),
	});
}

function enrolNew(view: View<EventOf<'opt_in'>>): Decision {
	const { newId, isNewIdMinted, offered, event } = view;
	if (isNewIdMinted) return refused('propertyInvalid', 'A customer cannot be created through an external ID');
	const fresh = optedIn(overwriteFields(emptyMember(newId, 'active', view.programme), event.data), view);
	const owner = offered?.owner ?? null;
	if (owner !== null) return contradicts(fresh, owner) ? conflict(fresh, owner) : enrolIntoOwner(view, fresh, owner);
	// Recorded before its holder opted out, arriving after: the person has left.
	const forgottenAtMs = offered?.forgottenAtMs ?? null;
	if (forgottenAtMs !== null && view.effectiveAtMs < forgottenAtMs) return refused('optedOut', 'Customer has opted out');
	return withOffered(view, fresh);
}

function activate(view: View<EventOf<'opt_in'>>, member: MemberState): Decision {
	const active = optedIn({ ...overwriteFields(member, view.event.data), status: 'active' }, view);
	const owner = otherOwner(view, member);
	if (owner !== null) return contradicts(active, owner) ? conflict(active, owner) : enrolIntoOwner(view, active, owner);
	return withOffered(view, active);
}

function complete(view: View<EventOf<'opt_in'>>, member: MemberState): Decision {
	const completed = withConsents(fillBlanks(member, view.event.data), view.event.data.consents ?? []);
	const owner = otherOwner(view, member);
	return owner === null ? withOffered(view, completed) : conflict(completed, owner);
}

/** Two members who may be one person, and who may not: a person at headquarters decides. The card stays where it is. */
function conflict(member: MemberState, owner: MemberState): Decision {
	if (isTooLarge(member)) return refused('propertyInvalid', 'the attributes are too large');
	const marked = markConflict(member);
	return applied(marked.id, 0, { members: [markConflict(owner), marked] });
}

function otherOwner(view: View, member: MemberState): MemberState | null {
	const owner = view.offered?.owner ?? null;
	return owner === null || owner.id === member.id ? null : owner;
}

function withOffered(view: View, member: MemberState): Decision {
	return finish(view.offered === null ? { member, cards: [] } : addCard(member, view.offered.card));
}

function finish(change: CardChange | null): Decision {
	if (change === null) return refused('propertyInvalid', 'the customer has too many cards');
	if (isTooLarge(change.member)) return refused('propertyInvalid', 'the attributes are too large');
	return applied(change.member.id, 0, { members: [change.member], cards: change.cards });
}

function optedIn(member: MemberState, view: View<EventOf<'opt_in'>>): MemberState {
	const optInAtMs = member.optInAtMs ?? view.effectiveAtMs;
	const answered = withConsents(member, view.event.data.consents ?? []);
	return { ...answered, optInAtMs, profile: { ...answered.profile, opt_in_at: optInAtMs } };
}
