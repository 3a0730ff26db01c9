import { createSyntheticBase, SYNTHETIC_SEED } from '#sync/hq/members/synthetic.ts';
import type { SyntheticBase } from '#sync/hq/members/synthetic.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import type { MemberDocument } from '../../simulators/member-server.ts';

/** The members of everybody that is measured: those that `npm run hq -- --members N` has. */
export function createBenchBase(): SyntheticBase {
	return createSyntheticBase(SYNTHETIC_SEED, DEFAULT_PROGRAMME);
}

/** A member as peers load it. What is unknown is an empty text, for some of them cannot index what is null. */
export function toDocument(member: ReturnType<SyntheticBase['member']>): MemberDocument {
	return {
		id: member.id,
		card: member.card ?? '',
		first_name: member.firstName ?? '',
		last_name: member.lastName ?? '',
		mobile: member.mobile ?? '',
		email: member.email ?? '',
		points: member.points,
		tier: member.tier,
		tier_points: member.tierPoints,
		status: member.status,
		updated_at: member.updatedAtMs,
		aliases: JSON.stringify(member.aliases),
		profile: JSON.stringify(member.profile),
	};
}

/** Texts that cashiers look for, of members below `count`; the same for everybody. */
export type Questions = {
	readonly card: () => { readonly card: string; readonly id: string };
	/** A card that nobody has. */
	readonly unknownCard: () => string;
	readonly name: () => { readonly first: string; readonly last: string };
	/** A mobile number without its last three digits. */
	readonly mobile: () => string;
};

const NAME_LETTERS = 4;
const MOBILE_DIGITS_LEFT_OUT = 3;

export function createQuestions(count: number, seed: number): Questions {
	const base = createBenchBase();
	const random = seededRandom(seed);
	const someone = <T>(read: (member: ReturnType<SyntheticBase['member']>) => T | null, from = 0): T => {
		for (let tries = 0; tries < 1000; tries += 1) {
			const found = read(base.member(from + Math.floor(random.fraction() * count)));
			if (found !== null) return found;
		}
		return must<T>(null, 'a member with what is looked for');
	};
	return {
		card: () => someone(({ card, id }) => (card === null ? null : { card, id })),
		// Of a member who would come after the last.
		unknownCard: () => someone(({ card }) => card, count),
		name: () =>
			someone(({ firstName, lastName }) => {
				if (firstName === null || lastName === null) return null;
				return { first: firstName.slice(0, NAME_LETTERS), last: lastName.slice(0, NAME_LETTERS) };
			}),
		mobile: () => someone(({ mobile }) => mobile?.slice(0, -MOBILE_DIGITS_LEFT_OUT) ?? null),
	};
}
