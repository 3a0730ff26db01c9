import type { MemberCard, MemberLine } from '#shared/bridge/member-card.ts';
import type { TerminalContext } from '../context.ts';
import { idOf, languageOf, personOf } from './known-member.ts';
import type { KnownMember } from './known-member.ts';
import { endOf, maskEmail } from './masking.ts';
import { fullName, initials } from './names.ts';
import { ownPoints } from './own-points.ts';

/**
 * What the Member screen shows. The member was read from the replica before this is called and the outbox is read here, after it:
 * only in that order can an event be missing from neither and counted in neither twice (sync.md 1.8).
 */
export async function memberCard(context: TerminalContext, known: KnownMember): Promise<MemberCard> {
	const own = await ownPoints(context, known);
	const language = await languageOf(context, known);
	const { firstName, lastName } = personOf(known);
	const name = { name: fullName({ firstName, lastName }, language), firstName, initials: initials({ firstName, lastName }, language) };
	if (known.from === 'enrolment') return { ...name, ...fieldsOfEnrolment(context, known), ...own };
	return { ...name, ...fieldsOfReplica(context, known), ...own, pendingPoints: own.pendingPoints + (known.member.profile.pending ?? 0) };
}

/** One line of a list: enough to choose by. Its points are the confirmed ones. */
export async function memberLine(context: TerminalContext, known: KnownMember): Promise<MemberLine> {
	const { firstName, lastName, mobile, email } = personOf(known);
	const card = known.from === 'replica' ? known.member.card : known.enrolment.barcode;
	return {
		memberId: idOf(known),
		name: fullName({ firstName, lastName }, await languageOf(context, known)),
		tierId: known.from === 'replica' ? known.member.tierId : firstTierId(context),
		points: known.from === 'replica' ? known.member.points : 0,
		cardEnd: endOf(card, 4),
		mobileEnd: endOf(mobile, 3),
		emailMasked: maskEmail(email),
		memberSinceMs: known.from === 'replica' ? (known.member.profile.opt_in_at ?? null) : known.enrolment.enrolledAtMs,
		isLocal: known.from === 'enrolment',
	};
}

type Named = 'name' | 'firstName' | 'initials' | 'pendingPoints' | 'isBalanceUpdating';

function fieldsOfReplica(context: TerminalContext, { member }: Extract<KnownMember, { from: 'replica' }>): Omit<MemberCard, Named> {
	const { profile } = member;
	return {
		memberId: member.id,
		barcode: member.card,
		status: member.status,
		tierId: member.tierId,
		tierPoints: member.tierPoints,
		points: member.points,
		expiring: profile.expiring ?? null,
		lastVisitAtMs: profile.last_visit_at ?? null,
		memberSinceMs: profile.opt_in_at ?? null,
		consents: profile.consents ?? {},
		rewards: (profile.rewards ?? []).map(({ id, name, cost, note, needs_line }) => ({
			id,
			name,
			cost: cost ?? null,
			note: note ?? null,
			needsLine: needs_line ?? false,
		})),
		stampCards: profile.stamp_cards ?? [],
		asOfMs: context.replica.state().asOfMs,
		isLocal: false,
	};
}

function fieldsOfEnrolment(context: TerminalContext, { enrolment }: Extract<KnownMember, { from: 'enrolment' }>): Omit<MemberCard, Named> {
	return {
		memberId: enrolment.memberId,
		barcode: enrolment.barcode,
		status: 'active',
		tierId: firstTierId(context),
		tierPoints: 0,
		points: 0,
		expiring: null,
		lastVisitAtMs: null,
		memberSinceMs: enrolment.enrolledAtMs,
		consents: { ...enrolment.consents },
		rewards: [],
		stampCards: [],
		asOfMs: 0,
		isLocal: true,
	};
}

function firstTierId(context: TerminalContext): string {
	return context.programme()?.tiers[0]?.id ?? '';
}
