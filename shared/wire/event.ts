import { z } from 'zod';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema, ReceiptNumberSchema, TransactionIdSchema } from '../domain/ids.ts';
import { CurrencySchema } from '../domain/money.ts';
import { PointsSchema } from '../domain/points.ts';

/** Unix seconds, as Antavo takes it for a backdated event. */
const EffectiveTimestampSchema = z.int().min(0).max(253_402_300_799).optional();
const CashierSchema = z.string().max(64).optional();

/** What was asked, in which wording, and what was answered: evidence, never overwritten. */
export const ConsentAnswerSchema = z.object({
	purpose: z.string().min(1).max(32),
	granted: z.boolean(),
	version: z.int().min(1),
	language: z.string().min(2).max(12),
	/** Unix milliseconds by the terminal's clock. */
	at: z.int(),
	cashier: CashierSchema,
});
export type ConsentAnswer = z.infer<typeof ConsentAnswerSchema>;

/** Attributes of a member, of `opt_in` and `profile`. Unknown attributes are kept. */
export const ProfileDataSchema = z.looseObject({
	loyalty_barcode: LoyaltyBarcodeSchema.optional(),
	first_name: z.string().max(100).nullish(),
	last_name: z.string().max(100).nullish(),
	email: z.email().max(255).nullish(),
	/** E.164: `+` and up to 15 digits. */
	mobile_phone: z
		.string()
		.regex(/^\+[1-9]\d{5,14}$/)
		.nullish(),
	language: z.string().min(2).max(12).nullish(),
	consents: z.array(ConsentAnswerSchema).max(20).optional(),
	effective_timestamp: EffectiveTimestampSchema,
	cashier: CashierSchema,
});
export type ProfileData = z.infer<typeof ProfileDataSchema>;

/** One line of a sale. Vendors may key a line by sale and product: one line per product. */
export const SaleItemSchema = z.looseObject({
	product_id: z.string().min(1).max(64),
	product_name: z.string().max(200).optional(),
	product_category: z.string().max(64).optional(),
	quantity: z.number().min(0).max(100_000),
	price: z.number().min(0),
	discount: z.number().min(0).optional(),
	subtotal: z.number().min(0),
});

/** A sale. `total` in major units of `currency` (Antavo's form). */
export const CheckoutDataSchema = z.looseObject({
	transaction_id: TransactionIdSchema,
	total: z.number().min(0),
	currency: CurrencySchema,
	items: z.array(SaleItemSchema).max(500).optional(),
	receipt_number: ReceiptNumberSchema.optional(),
	effective_timestamp: EffectiveTimestampSchema,
	cashier: CashierSchema,
});

/** Gives back the whole of what is left of a sale. */
export const RefundDataSchema = z.looseObject({
	transaction_id: TransactionIdSchema,
	effective_timestamp: EffectiveTimestampSchema,
	cashier: CashierSchema,
});

/** Gives back `amount` major units of a sale, in the sale's currency. */
export const PartialRefundDataSchema = RefundDataSchema.extend({ amount: z.number().positive() });

/** Points by hand. Carries no key of its own: at most once only thanks to the event id. */
export const PointsDataSchema = z.looseObject({
	points: PointsSchema,
	reason: z.string().max(200).optional(),
	effective_timestamp: EffectiveTimestampSchema,
	cashier: CashierSchema,
});

export const OptOutDataSchema = z.looseObject({ effective_timestamp: EffectiveTimestampSchema, cashier: CashierSchema });

/**
 * Fields that every event may carry. `customer` is a member id, or the value of the external id that `external_id` names
 * (seed "External ID"). The rest is ours and optional: a program that knows only Antavo's shape is served as well.
 */
const envelope = {
	customer: z.union([MemberIdSchema, LoyaltyBarcodeSchema]),
	external_id: z.literal('loyalty_barcode').optional(),
	event_id: EventIdSchema.optional(),
	/** Place in the order of its terminal's incarnation, from 1. */
	seq: z.int().min(1).optional(),
	/** Unix milliseconds, wall clock of the terminal when it was recorded. */
	occurred_at: z.int().min(0).optional(),
	/** Milliseconds from recording to sending by the terminal's monotonic clock; absent when it was restarted in between. */
	age_ms: z.int().min(0).optional(),
	/** headquarters' clock minus the terminal's as the terminal knew it when it recorded. Milliseconds. */
	skew_ms: z.int().optional(),
	/** Names the start of the terminal's machine under which it was recorded: its order within one is certain. */
	boot_id: z.string().min(1).max(64).optional(),
	/** Open a member without personal data if this member is still unknown. */
	force_stub: z.boolean().optional(),
};

/** One loyalty event on the wire. Actions are Antavo's. */
export const WireEventSchema = z.discriminatedUnion('action', [
	z.object({ ...envelope, action: z.literal('opt_in'), data: ProfileDataSchema }),
	z.object({ ...envelope, action: z.literal('profile'), data: ProfileDataSchema }),
	z.object({ ...envelope, action: z.literal('checkout'), data: CheckoutDataSchema }),
	z.object({ ...envelope, action: z.literal('refund'), data: RefundDataSchema }),
	z.object({ ...envelope, action: z.literal('partial_refund'), data: PartialRefundDataSchema }),
	z.object({ ...envelope, action: z.literal('point_add'), data: PointsDataSchema }),
	z.object({ ...envelope, action: z.literal('point_sub'), data: PointsDataSchema }),
	z.object({ ...envelope, action: z.literal('opt_out'), data: OptOutDataSchema }),
]);
export type WireEvent = z.infer<typeof WireEventSchema>;
export type EventAction = WireEvent['action'];
