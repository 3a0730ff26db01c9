import type { MemberCard } from '#shared/bridge/member-card.ts';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import type { EventId, LoyaltyBarcode } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { EventAction } from '#shared/wire/event.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import type { TerminalContext } from '../context.ts';
import { findByBarcode, findById } from '../member/known-member.ts';
import type { KnownMember } from '../member/known-member.ts';
import { memberCard } from '../member/member-card.ts';

/** What the screen shows after something was recorded. `member` is `null` for a card that nobody here has. */
export type Recorded = { readonly eventId: EventId; readonly points: number; readonly member: MemberCard | null };

/**
 * The entry that an earlier call with this request id recorded, or `null`. BRIDGE-101 when that was another kind of call:
 * a request id names one thing that a cashier confirmed.
 */
export async function findRepeated(
	context: TerminalContext,
	requestId: string,
	actions: readonly EventAction[],
): Promise<Result<Entry | null, LoyaltyError>> {
	const entry = await context.outbox.findByRequest(requestId);
	if (entry === null || actions.includes(entry.action)) return ok(entry);
	return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: `the request id was used for ${entry.action}` }));
}

/** The answer to a recording, with the member as it is now. */
export async function describeRecorded(context: TerminalContext, entry: Entry): Promise<Recorded> {
	const known = await memberOf(context, entry);
	return { eventId: entry.eventId, points: entry.pointsEstimated, member: known === null ? null : await memberCard(context, known) };
}

/** The member that an entry is about as it is today, or `null` when only its card is known, or when it is gone. */
export async function memberOf(context: TerminalContext, entry: Entry): Promise<KnownMember | null> {
	if (entry.memberId !== null) return findById(context, entry.memberId);
	const barcode = barcodeOf(entry);
	return barcode === null ? null : findByBarcode(context, barcode);
}

/** The card that stands for an unknown member in the event. */
export function barcodeOf({ event }: Entry): LoyaltyBarcode | null {
	return event.external_id === undefined ? null : (LoyaltyBarcodeSchema.safeParse(event.customer).data ?? null);
}

/** Whether an entry may still be taken back: nothing of it has ever left the terminal. */
export function isUnsent({ status, sentAtMs }: Entry): boolean {
	return status === 'pending' && sentAtMs === null;
}
