import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import type { CardEntry } from './decision.ts';
import type { Alias, MemberState } from './member-state.ts';

/** Codes of one member besides the main card. */
export const ALIASES_MAX = 20;

/** A member with other cards, and what the index must say about them. */
export type CardChange = { readonly member: MemberState; readonly cards: readonly CardEntry[] };

/** One more card that works: the main one if there is none yet. `null` when there are too many. The card must be free or the member's own. */
export function addCard(member: MemberState, card: string): CardChange | null {
	if (member.card === card || member.aliases.some(([value]) => value === card)) return { member, cards: [] };
	const entry: CardEntry = { card, memberId: member.id, kind: 'card', status: 'active' };
	if (member.card === null) return { member: { ...member, card, cardStatus: 'active' }, cards: [entry] };
	if (member.aliases.length >= ALIASES_MAX) return null;
	return { member: { ...member, aliases: [...member.aliases, aliasOf(card, 'card', 'active')] }, cards: [entry] };
}

/** A new main card; the old one stays known as replaced. `null` when there are too many. The card must be free or the member's own. */
export function replaceCard(member: MemberState, card: string): CardChange | null {
	if (member.card === card) return { member, cards: [] };
	const others = member.aliases.filter(([value]) => value !== card);
	const entry: CardEntry = { card, memberId: member.id, kind: 'card', status: 'active' };
	if (member.card === null) return { member: { ...member, card, cardStatus: 'active', aliases: others }, cards: [entry] };
	if (others.length >= ALIASES_MAX) return null;
	const old: CardEntry = { card: member.card, memberId: member.id, kind: 'old_card', status: 'replaced' };
	return {
		member: { ...member, card, cardStatus: 'active', aliases: [...others, aliasOf(member.card, 'old_card', 'replaced')] },
		cards: [entry, old],
	};
}

/** An entry of a member's alias list. The card was read from the index or from a parsed event. */
export function aliasOf(card: string, kind: Alias[1], status: Alias[2]): Alias {
	return [LoyaltyBarcodeSchema.parse(card), kind, status];
}
