import { z } from 'zod';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema, ReceiptNumberSchema } from '../domain/ids.ts';
import { AmountMinorSchema, CurrencySchema } from '../domain/money.ts';
import { MemberCardSchema } from './member-card.ts';
import { call } from './call.ts';

/** A member, or a card that nobody on this terminal has: headquarters will match it. */
export const SaleMemberSchema = z.union([z.object({ memberId: MemberIdSchema }), z.object({ barcode: LoyaltyBarcodeSchema })]);

/** One line of a sale in minor units. */
export const SaleLineSchema = z.object({
	productId: z.string().min(1).max(64),
	name: z.string().max(200).optional(),
	category: z.string().max(64).optional(),
	quantity: z.number().positive().max(100_000),
	totalMinor: AmountMinorSchema,
});

/** Amounts in minor units; `points` as the programme's rule gives them here, headquarters decides. */
const EarnedSchema = z.object({
	eventId: EventIdSchema,
	points: z.int(),
	/** `null` for an unknown card. */
	member: MemberCardSchema.nullable(),
});

export const RefundableSaleSchema = z.object({
	eventId: EventIdSchema,
	receiptNumber: ReceiptNumberSchema,
	memberId: MemberIdSchema.nullable(),
	memberInitials: z.string(),
	atMs: z.int(),
	amountMinor: AmountMinorSchema,
	currency: CurrencySchema,
	refundedMinor: AmountMinorSchema,
	points: z.int(),
	/** Not sent yet: it can be voided instead. */
	canVoid: z.boolean(),
});
export type RefundableSale = z.infer<typeof RefundableSaleSchema>;

export const saleCalls = {
	/** Records a sale (`checkout`). SALE-103 when this receipt number earned today, unless `isRepeatConfirmed`. */
	'sale.earn': call(
		z.object({
			requestId: z.uuid(),
			member: SaleMemberSchema,
			receiptNumber: z.string().max(64),
			amountMinor: z.int(),
			currency: CurrencySchema,
			lines: z.array(SaleLineSchema).max(500).optional(),
			isRepeatConfirmed: z.boolean(),
		}),
		EarnedSchema,
	),
	/** Takes back what was not sent yet. SALE-107 when it is too late. */
	'sale.void': call(
		z.object({ requestId: z.uuid(), eventId: EventIdSchema }),
		z.object({ eventId: EventIdSchema, member: MemberCardSchema.nullable() }),
	),
	/** Sales of this terminal with this receipt number, newest first. */
	'sale.find': call(z.object({ receiptNumber: z.string().max(64) }), z.object({ sales: z.array(RefundableSaleSchema).max(20) })),
	/** Records a refund of the whole rest (`amountMinor` absent) or of a part. */
	'sale.refund': call(z.object({ requestId: z.uuid(), saleEventId: EventIdSchema, amountMinor: z.int().optional() }), EarnedSchema),
} as const;
