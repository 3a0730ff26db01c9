import { LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import { toMemberRecord } from '#sync/hq/ledger/batch/member-rows.ts';
import { emptyMember } from '#sync/hq/ledger/decide/member-state.ts';
import type { MemberState } from '#sync/hq/ledger/decide/member-state.ts';
import type { Tables } from '../memory-database/tables.ts';

/** Somebody who was a member from the beginning, or was enrolled at some terminal. `word` is part of every name that is theirs alone. */
export type Person = { readonly id: MemberId; readonly card: LoyaltyBarcode | null; readonly word: string };

const FOUNDERS = 6;

/** Members that an import brought in before the first snapshot. */
export function addFounders(tables: Tables): Person[] {
	return Array.from({ length: FOUNDERS }, (_, index) => {
		const person = personOf(`founder-${index}`, cardOf(100 + index));
		const points = index * 40;
		const state: MemberState = {
			...emptyMember(person.id, 'active', DEFAULT_PROGRAMME),
			ver: 1,
			card: person.card,
			cardStatus: 'active',
			firstName: person.word,
			points,
			earned: points,
		};
		tables.member.set(person.id, { ...toMemberRecord(state), seq: 0, opening_points: points });
		const card = cardOf(100 + index);
		tables.card_index.set(card, { card, member_id: person.id, kind: 'card', status: 'active' });
		return person;
	});
}

export function personOf(id: string, card: LoyaltyBarcode | null): Person {
	return { id: MemberIdSchema.parse(id), card, word: `Xw${id.replaceAll('-', '')}wX` };
}

export function cardOf(number: number): LoyaltyBarcode {
	return LoyaltyBarcodeSchema.parse(`CARD-${number}`);
}
