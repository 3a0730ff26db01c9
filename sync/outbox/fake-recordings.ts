import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema, ReceiptNumberSchema, TransactionIdSchema } from '#shared/domain/ids.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { EventResult } from '#shared/wire/push.ts';
import type { Recording } from './outbox.ts';

const START_MS = Date.UTC(2026, 10, 22, 9, 0, 0);

export type SaleOptions = { readonly memberId?: string; readonly barcode?: string; readonly points?: number; readonly receipt?: string };

export type RefundOptions = { readonly amountMinor?: number; readonly points?: number };
export type EnrolmentOptions = {
	readonly memberId?: string;
	readonly firstName?: string;
	readonly lastName?: string;
	readonly barcode?: string;
	readonly mobile?: string;
	readonly email?: string;
	readonly cardNumber?: number;
};

/** Recordings as the use cases make them, with ids from one seeded source. */
export type FakeRecordings = {
	readonly sale: (options?: SaleOptions) => Recording;
	/** Of the whole or, with `amountMinor`, a part of `sale`. */
	readonly refund: (sale: Recording, options?: RefundOptions) => Recording;
	readonly enrolment: (options?: EnrolmentOptions) => Recording;
	readonly profile: (memberId: string, firstName: string) => Recording;
	readonly optOut: (memberId: string) => Recording;
};

export function createRecordings(random: Random): FakeRecordings {
	const nextBase = countBases(random);
	return {
		sale: (options = {}) => newSale(nextBase(ownerOf(options)), options),
		refund: (sale, options = {}) => newRefund(nextBase({ memberId: sale.memberId }), sale, options),
		enrolment: (options = {}) => newEnrolment(nextBase({ memberId: options.memberId ?? null }), options),
		profile: (memberId, firstName) => ({
			...nextBase({ memberId }).base,
			event: { customer: asMember(memberId), action: 'profile', data: { first_name: firstName } },
		}),
		optOut: (memberId) => ({ ...nextBase({ memberId }).base, event: { customer: asMember(memberId), action: 'opt_out', data: {} } }),
	};
}

/** What every recording has, and how many there were before it. */
type Numbered = { readonly base: Omit<Recording, 'event'>; readonly count: number };

function countBases(random: Random): (owner: { readonly memberId: string | null }) => Numbered {
	let count = 0;
	return ({ memberId }) => {
		count += 1;
		const base = {
			requestId: uuidV7(START_MS + count, random),
			eventId: EventIdSchema.parse(uuidV7(START_MS + count, random)),
			memberId: memberId === null ? null : asMember(memberId),
			pointsEstimated: 0,
			receipt: null,
			cashier: 'c1',
		};
		return { base, count };
	};
}

/** A sale knows its member, or the card alone. */
function ownerOf({ memberId, barcode }: SaleOptions): { readonly memberId: string | null } {
	return { memberId: memberId === undefined && barcode !== undefined ? null : (memberId ?? 'm1') };
}

function newSale({ base, count }: Numbered, { barcode, points = 42, receipt }: SaleOptions): Recording {
	const transactionId = TransactionIdSchema.parse(`S1-T1-20261122-${count}`);
	const receiptNumber = ReceiptNumberSchema.parse(receipt ?? `R${count}`);
	const owner =
		base.memberId === null
			? { customer: LoyaltyBarcodeSchema.parse(barcode), external_id: 'loyalty_barcode' as const }
			: { customer: base.memberId };
	return {
		...base,
		pointsEstimated: points,
		receipt: { receiptNumber, amountMinor: 4190, currency: 'EUR', transactionId },
		event: {
			...owner,
			action: 'checkout',
			data: { transaction_id: transactionId, total: 41.9, currency: 'EUR', receipt_number: receiptNumber },
		},
	};
}

function newRefund({ base }: Numbered, sale: Recording, { amountMinor, points = -42 }: RefundOptions): Recording {
	const receipt = must(sale.receipt, 'the receipt of a sale');
	const { customer, external_id } = sale.event;
	const owner = external_id === undefined ? { customer } : { customer, external_id };
	const data = { transaction_id: receipt.transactionId };
	return {
		...base,
		pointsEstimated: points,
		receipt: { ...receipt, amountMinor: amountMinor ?? receipt.amountMinor },
		event:
			amountMinor === undefined
				? { ...owner, action: 'refund', data }
				: { ...owner, action: 'partial_refund', data: { ...data, amount: amountMinor / 100 } },
	};
}

function newEnrolment({ base, count }: Numbered, options: EnrolmentOptions): Recording {
	const { firstName = 'Zsófia', lastName = 'Őry', barcode, mobile, email, cardNumber } = options;
	const memberId = base.memberId ?? asMember(`new-${count}`);
	return {
		...base,
		memberId,
		...(cardNumber === undefined ? {} : { cardNumber }),
		event: {
			customer: memberId,
			action: 'opt_in',
			data: {
				...(barcode === undefined ? {} : { loyalty_barcode: LoyaltyBarcodeSchema.parse(barcode) }),
				first_name: firstName,
				last_name: lastName,
				mobile_phone: mobile ?? null,
				email: email ?? null,
				consents: [
					{ purpose: 'terms', granted: true, version: 1, language: 'en', at: START_MS },
					{ purpose: 'email', granted: false, version: 1, language: 'en', at: START_MS },
				],
			},
		},
	};
}

/** headquarters' answer to one event. */
export function answer(
	eventId: EventId,
	status: EventResult['status'],
	more: Partial<EventResult> = {},
): EventResult & { readonly event_id: EventId } {
	return { ...more, event_id: eventId, status };
}

/** headquarters' answer that an event is in the balance of `memberId` since version `ver`. */
export function applied(eventId: EventId, memberId: string, ver: number): EventResult & { readonly event_id: EventId } {
	return answer(eventId, 'applied', { applied_to: asMember(memberId), applied_ver: ver, points: 42 });
}

export function asMember(id: string): MemberId {
	return MemberIdSchema.parse(id);
}
