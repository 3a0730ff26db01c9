import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import { canonicalBarcode } from '#shared/domain/loyalty-barcode.ts';
import type { CardStatus } from '#shared/wire/member-row.ts';
import type { LocalEnrolment } from '#sync/outbox/outbox.ts';
import { standingOf } from '#sync/replica/merged-rows.ts';
import type { Standing } from '#sync/replica/merged-rows.ts';
import type { FoundMember } from '#sync/replica/replica.ts';
import { qrRule } from '../context.ts';
import type { TerminalContext } from '../context.ts';

/** How many merges are followed; headquarters keeps chains short, and a circle must not hang a scan. */
const MERGES_MAX = 8;

/** A member whom the terminal may show: of the replica (never a tombstone), or enrolled here and not in the replica yet. */
export type KnownMember =
	| ({
			readonly from: 'replica';
			readonly member: FoundMember & { readonly status: 'active' | 'inactive' | 'suspended' | 'stub' };
	  } & Standing)
	| { readonly from: 'enrolment'; readonly enrolment: LocalEnrolment };

/** The member with this id; tombstones of merges lead on, who opted out is nobody. */
export async function findById(context: TerminalContext, id: MemberId): Promise<KnownMember | null> {
	const find = (): Promise<FoundMember | null> => context.replica.findById(id);
	return findEitherWay(context, find, { memberId: id });
}

/** Whoever has exactly this barcode, in whatever state the card is. */
export async function findByBarcode(context: TerminalContext, barcode: LoyaltyBarcode): Promise<KnownMember | null> {
	const find = (): Promise<FoundMember | null> => context.replica.findByBarcode(barcode);
	return findEitherWay(context, find, { barcode });
}

async function findEitherWay(
	context: TerminalContext,
	findInReplica: () => Promise<FoundMember | null>,
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
export async function follow(context: TerminalContext, member: FoundMember): Promise<KnownMember | null> {
	// What led here stands for the end as well. Nearly always it is in the last row's `merged` again, and that is the later look.
	const path: FoundMember[] = [];
	let current = member;
	while (current.status === 'merged') {
		if (path.length === MERGES_MAX || current.mergedInto === null) return null;
		const next = await context.replica.findById(current.mergedInto);
		if (next === null) return null;
		path.push(current);
		current = next;
	}
	const { status } = current;
	if (status === 'opted_out') return null;
	return { from: 'replica', member: { ...current, status }, ...standingOf([...path, ...current.merged, current]) };
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
