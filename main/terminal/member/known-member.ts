import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import { canonicalBarcode } from '#shared/domain/loyalty-barcode.ts';
import type { CardStatus } from '#shared/wire/member-row.ts';
import type { LocalEnrolment } from '#sync/outbox/outbox.ts';
import type { ReplicaMember } from '#sync/replica/replica.ts';
import { qrRule } from '../context.ts';
import type { TerminalContext } from '../context.ts';

/** How many merges are followed; headquarters keeps chains short, and a circle must not hang a scan. */
const MERGES_MAX = 8;

/** A member whom the terminal may show: of the replica (never a tombstone), or enrolled here and not in the replica yet. */
export type KnownMember =
	| {
			readonly from: 'replica';
			readonly member: ReplicaMember & { readonly status: 'active' | 'inactive' | 'suspended' | 'stub' };
			/**
			 * The versions of all rows that were read on the way here: the member's own and those of the tombstones that led to it, under
			 * whose ids events of this terminal may still be.
			 */
			readonly versions: ReadonlyMap<MemberId, number>;
			/** A tombstone on the way is of a merge that the member's own row has not reached: the points of the other card are in neither. */
			readonly isBalanceUpdating: boolean;
	  }
	| { readonly from: 'enrolment'; readonly enrolment: LocalEnrolment };

/** The member with this id; tombstones of merges lead on, who opted out is nobody. */
export async function findById(context: TerminalContext, id: MemberId): Promise<KnownMember | null> {
	const find = (): Promise<ReplicaMember | null> => context.replica.findById(id);
	return findEitherWay(context, find, { memberId: id });
}

/** Whoever has exactly this barcode, in whatever state the card is. */
export async function findByBarcode(context: TerminalContext, barcode: LoyaltyBarcode): Promise<KnownMember | null> {
	const find = (): Promise<ReplicaMember | null> => context.replica.findByBarcode(barcode);
	return findEitherWay(context, find, { barcode });
}

async function findEitherWay(
	context: TerminalContext,
	findInReplica: () => Promise<ReplicaMember | null>,
	by: Parameters<TerminalContext['outbox']['findEnrolment']>[0],
): Promise<KnownMember | null> {
	const member = await findInReplica();
	const known = member === null ? null : await follow(context, member);
	// A stub only holds the card's points until somebody enrols: who did so here is its owner. A tombstone is the last word.
	if (member !== null && (known === null || statusOf(known) !== 'stub')) return known;
	const enrolment = await context.outbox.findEnrolment(by);
	if (enrolment !== null) return { from: 'enrolment', enrolment };
	if (known !== null) return known;
	// Between the two looks headquarters' row may have arrived and the enrolment been forgotten.
	const arrived = await findInReplica();
	return arrived === null ? null : follow(context, arrived);
}

/**
 * Whoever has the card in a scanned or typed text, and what state that card is in. Looked up as it is and in its canonical form: a
 * barcode that another program stored in small letters is found by the first.
 */
export async function findByCard(
	context: TerminalContext,
	text: string,
): Promise<{ readonly known: KnownMember; readonly cardStatus: CardStatus } | null> {
	const canonical = canonicalBarcode(text, qrRule(context));
	const asIs = LoyaltyBarcodeSchema.safeParse(text.trim());
	for (const barcode of new Set([...(canonical === null ? [] : [canonical]), ...(asIs.success ? [asIs.data] : [])])) {
		const known = await findByBarcode(context, barcode);
		if (known !== null) return { known, cardStatus: cardStatusOf(known, barcode) };
	}
	return null;
}

function cardStatusOf(known: KnownMember, barcode: LoyaltyBarcode): CardStatus {
	if (known.from === 'enrolment') return 'active';
	return known.member.barcodes.find(({ value }) => value === barcode)?.status ?? 'active';
}

/** The member that `member` is today, or `null` when it is gone or headquarters has not sent its successor yet. */
export async function follow(context: TerminalContext, member: ReplicaMember): Promise<KnownMember | null> {
	const versions = new Map([[member.id, member.ver]]);
	let current = member;
	let isBalanceUpdating = false;
	for (let merges = 0; current.status === 'merged'; merges += 1) {
		if (merges === MERGES_MAX || current.mergedInto === null) return null;
		const next = await context.replica.findById(current.mergedInto);
		if (next === null) return null;
		if (next.ver < (current.mergedVer ?? 0)) isBalanceUpdating = true;
		current = next;
		versions.set(current.id, current.ver);
	}
	const { status } = current;
	return status === 'opted_out' ? null : { from: 'replica', member: { ...current, status }, versions, isBalanceUpdating };
}

/** The member's id. */
export function idOf(known: KnownMember): MemberId {
	return known.from === 'replica' ? known.member.id : known.enrolment.memberId;
}

/** Who was enrolled here is active until headquarters says otherwise. */
export function statusOf(known: KnownMember): 'active' | 'inactive' | 'suspended' | 'stub' {
	return known.from === 'replica' ? known.member.status : 'active';
}

/** The language of the member's name. An enrolment has it in its event alone. */
export async function languageOf(context: TerminalContext, known: KnownMember): Promise<string | undefined> {
	if (known.from === 'replica') return known.member.profile.language;
	const event = (await context.outbox.get(known.enrolment.eventId))?.event;
	return event?.action === 'opt_in' ? (event.data.language ?? undefined) : undefined;
}

/** The member's names and contacts, whichever side knows them. */
export function personOf(known: KnownMember): Pick<LocalEnrolment, 'firstName' | 'lastName' | 'mobile' | 'email'> {
	return known.from === 'replica' ? known.member : known.enrolment;
}
