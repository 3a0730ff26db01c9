import type { WireEvent } from '#shared/wire/event.ts';
import { ALIASES_MAX, aliasOf } from './cards.ts';
import { accountOf, applied, flow, refused } from './decision.ts';
import type { Decision, View } from './decision.ts';
import { joinBalance } from './join-balance.ts';
import { tombstone } from './member-state.ts';
import type { MemberState } from './member-state.ts';
import { fillBlanks, isTooLarge, withStricterConsents } from './profile-fields.ts';

type OptIn = Extract<WireEvent, { action: 'opt_in' }>;

/**
 * Two terminals enrolled one card under two ids, and nothing contradicts that it is one person: the second id becomes an alias of the
 * card's owner. The owner gains what it lacked, the stricter consents, and the second id's balance and cards.
 */
export function enrolIntoOwner(view: View<OptIn>, second: MemberState, owner: MemberState): Decision {
	const filled = withStricterConsents(fillBlanks(owner, view.event.data), view.event.data.consents ?? []);
	const isOpened = owner.status === 'stub' || owner.status === 'inactive';
	const optInAtMs = owner.optInAtMs ?? second.optInAtMs;
	const opened = optInAtMs === null ? filled : { ...filled, optInAtMs, profile: { ...filled.profile, opt_in_at: optInAtMs } };
	const cards = view.ownCards.filter((entry) => entry.memberId === second.id).map((entry) => ({ ...entry, memberId: owner.id }));
	const known = new Set([owner.card, ...owner.aliases.map(([value]) => value)]);
	const aliases = [
		...owner.aliases,
		...cards.filter((entry) => !known.has(entry.card)).map((entry) => aliasOf(entry.card, entry.kind, entry.status)),
	];
	if (aliases.length > ALIASES_MAX) return refused('propertyInvalid', 'the customer has too many cards');
	const joined = joinBalance({ ...opened, aliases, status: isOpened ? 'active' : owner.status }, second, view);
	if (isTooLarge(joined)) return refused('propertyInvalid', 'the attributes are too large');
	const closed: MemberState = { ...tombstone(second, 'merged', view.programme), aliasOf: owner.id, mergedInto: owner.id, mergedVer: null };
	return applied(owner.id, 0, {
		members: [joined, closed],
		entries: flow(accountOf(second.id), accountOf(owner.id), second.points),
		cards,
	});
}

/** The member, marked for a person to look at. */
export function markConflict(member: MemberState): MemberState {
	return member.profile.identity_conflict === true ? member : { ...member, profile: { ...member.profile, identity_conflict: true } };
}
