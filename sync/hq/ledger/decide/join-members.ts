import type { CardEntry } from './decision.ts';
import { ALIASES_MAX, aliasOf } from './cards.ts';
import { joinBalance } from './join-balance.ts';
import type { Moment } from './join-balance.ts';
import { tombstone } from './member-state.ts';
import type { ConsentState, MemberState } from './member-state.ts';
import { isTooLarge } from './profile-fields.ts';

/** Two members who are one. `cards`: what the index must say about the loser's cards. */
export type Joined = { readonly winner: MemberState; readonly loser: MemberState; readonly cards: readonly CardEntry[] };

/**
 * Makes one member of two: the winner gains the loser's balance, cards, and what it lacked itself; of the consents the stricter. The loser
 * becomes a tombstone that points at the winner. `null` when the winner cannot hold all of it (too many cards, attributes too large).
 */
export function joinMembers(
	winner: MemberState,
	loser: MemberState,
	{ loserCards, ...moment }: Moment & { readonly loserCards: readonly CardEntry[] },
): Joined | null {
	const cards = loserCards.map((entry) => ({ ...entry, memberId: winner.id }));
	const known = new Set([winner.card, ...winner.aliases.map(([value]) => value)]);
	const main = winner.card === null ? cards.find((entry) => entry.card === loser.card) : undefined;
	const others = cards.filter((entry) => !known.has(entry.card) && entry !== main);
	const aliases = [...winner.aliases, ...others.map((entry) => aliasOf(entry.card, entry.kind, entry.status))];
	if (aliases.length > ALIASES_MAX) return null;
	const cardOf = main === undefined ? {} : { card: main.card, cardStatus: main.status };
	const joined = { ...joinBalance(withDataOf(winner, loser), loser, moment), ...cardOf, aliases };
	if (isTooLarge(joined)) return null;
	const closed = { ...tombstone(loser, 'merged', moment.programme), aliasOf: winner.id, mergedInto: winner.id, mergedVer: null };
	return { winner: joined, loser: closed, cards };
}

function withDataOf(winner: MemberState, loser: MemberState): MemberState {
	// Somebody has decided.
	const profile = { ...winner.profile };
	delete profile.identity_conflict;
	const consents = stricter(winner.consents, loser.consents);
	const shown = stricterShown(winner.profile.consents, loser.profile.consents);
	const language = winner.profile.language ?? loser.profile.language;
	const optInAtMs = earliest(winner.optInAtMs, loser.optInAtMs);
	return {
		...winner,
		status: winner.status === 'stub' && loser.status !== 'stub' ? loser.status : winner.status,
		firstName: winner.firstName ?? loser.firstName,
		lastName: winner.lastName ?? loser.lastName,
		mobile: winner.mobile ?? loser.mobile,
		email: winner.email ?? loser.email,
		attributes: { ...loser.attributes, ...winner.attributes },
		consents,
		optInAtMs,
		profile: {
			...profile,
			...(language === undefined ? {} : { language }),
			...(shown === undefined ? {} : { consents: shown }),
			...(optInAtMs === null ? {} : { opt_in_at: optInAtMs }),
		},
	};
}

function stricter(left: MemberState['consents'], right: MemberState['consents']): Record<string, ConsentState> {
	const all = new Map(Object.entries(left));
	for (const [purpose, answer] of Object.entries(right)) {
		const own = all.get(purpose);
		if (own === undefined || (own.granted && !answer.granted)) all.set(purpose, answer);
	}
	return Object.fromEntries(all);
}

type Shown = Readonly<Record<string, boolean>> | undefined;

/** A purpose is granted only if both granted it; what one was never asked is as the other answered. */
function stricterShown(left: Shown, right: Shown): Record<string, boolean> | undefined {
	if (left === undefined && right === undefined) return undefined;
	const all = new Map(Object.entries(left ?? {}));
	for (const [purpose, granted] of Object.entries(right ?? {})) all.set(purpose, granted && (all.get(purpose) ?? true));
	return Object.fromEntries(all);
}

function earliest(left: number | null, right: number | null): number | null {
	return left === null || right === null ? (left ?? right) : Math.min(left, right);
}
