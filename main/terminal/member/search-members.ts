import type { FoundMember } from '#sync/replica/replica.ts';
import type { LocalEnrolment } from '#sync/outbox/outbox.ts';
import type { TerminalContext } from '../context.ts';
import { mobilePrefix } from './contacts.ts';
import { follow, idOf, personOf } from './known-member.ts';
import type { KnownMember } from './known-member.ts';

/** Digits below which a typed number is the beginning of too many. */
const DIGITS_MIN = 3;

/** What a typed text may be looked for as: letters are never digits of a card here, since the exact card was looked up before. */
export type TypedKind = 'email' | 'digits' | 'name' | 'nothing';

/** Tells by form alone. */
export function typedKind(text: string): TypedKind {
	if (!/[\p{L}\p{N}]/u.test(text)) return 'nothing';
	if (text.includes('@')) return 'email';
	return /^\+?[\d\s()./-]+$/.test(text) ? 'digits' : 'name';
}

/** Members that a typed text may mean, of the replica first and then those enrolled here, each once. At most `limit`. */
export async function searchMembers(context: TerminalContext, text: string, limit: number): Promise<readonly KnownMember[]> {
	const { found, enrolled } = await search(context, text, limit);
	const byId = new Map<string, KnownMember>();
	for (const member of found) {
		const known = await follow(context, member);
		if (known !== null && !byId.has(idOf(known))) byId.set(idOf(known), known);
	}
	for (const enrolment of enrolled) {
		// Of one who is in both the replica knows more; a stub has no name to be found by.
		if (!byId.has(enrolment.memberId)) byId.set(enrolment.memberId, { from: 'enrolment', enrolment });
	}
	const members = [...byId.values()];
	// Of `an@example.org` and `an@example.org.uk` the one that was typed whole is meant.
	const whole = members.filter((known) => personOf(known).email?.toLowerCase() === text.trim().toLowerCase());
	return (whole.length > 0 ? whole : members).slice(0, limit);
}

type Hits = { readonly found: readonly FoundMember[]; readonly enrolled: readonly LocalEnrolment[] };

async function search({ replica, outbox, programme }: TerminalContext, text: string, limit: number): Promise<Hits> {
	switch (typedKind(text)) {
		case 'nothing':
			return { found: [], enrolled: [] };
		case 'email':
			return { found: await replica.findByEmail(text.trim(), limit), enrolled: await outbox.searchEnrolments(text.trim(), limit) };
		case 'digits': {
			const digits = text.replaceAll(/\D/g, '');
			if (digits.length < DIGITS_MIN) return { found: [], enrolled: [] };
			const mobile = mobilePrefix(text, programme()?.phoneCountry ?? '');
			const byMobile = mobile === null ? [] : await replica.findByMobile(mobile, limit);
			const byCard = await replica.searchByBarcode(digits, limit);
			const enrolled = mobile === null ? [] : await outbox.searchEnrolments(mobile, limit);
			return { found: [...byMobile, ...byCard], enrolled };
		}
		case 'name':
			return { found: await replica.searchByName(text, limit), enrolled: await outbox.searchEnrolments(text.trim(), limit) };
	}
}
