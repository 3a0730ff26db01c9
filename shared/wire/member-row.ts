import { z } from 'zod';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '../domain/ids.ts';
import { BalanceSchema } from '../domain/points.ts';

/**
 * One member in a snapshot file or feed page: a JSON array in the order of `MEMBER_COLUMNS`, no keys, because a terminal binds
 * the bytes of a whole line to one SQL statement and never decodes a row. A new column is added at the end, with a new protocol version.
 */
export const MEMBER_COLUMNS = [
	'id',
	/** Raised by headquarters with every change of the member. */
	'ver',
	'status',
	'card',
	'card_status',
	'first_name',
	'last_name',
	/** E.164 */
	'mobile',
	'email',
	/** Spendable points. */
	'points',
	'tier',
	'tier_points',
	/** Unix milliseconds. */
	'updated_at',
	'merged_into',
	'merged_ver',
	/** Array of `[value, kind, status]` for aliases besides `card`. */
	'aliases',
	/** Object of `MemberProfileSchema`. */
	'profile',
	'shard',
	/** Place in the shard's feed; 0 in a row that was never published. */
	'seq',
] as const;

/** `stub`: opened by a sale of a still unknown member. `merged`, `opted_out`: tombstones, without personal data. */
export const MemberStatusSchema = z.enum(['active', 'inactive', 'suspended', 'stub', 'opted_out', 'merged']);
export type MemberStatus = z.infer<typeof MemberStatusSchema>;

export const CardStatusSchema = z.enum(['active', 'blocked', 'replaced']);
export type CardStatus = z.infer<typeof CardStatusSchema>;

export const AliasSchema = z.tuple([LoyaltyBarcodeSchema, z.enum(['card', 'pass', 'old_card']), CardStatusSchema]);

/** What the card shows besides the columns. Every field may be missing. */
export const MemberProfileSchema = z.looseObject({
	language: z.string().optional(),
	/** Unix milliseconds. */
	opt_in_at: z.int().optional(),
	last_visit_at: z.int().optional(),
	/** Points that headquarters holds back until a sale is accepted. */
	pending: z.int().optional(),
	expiring: z.object({ points: z.int(), on: z.string() }).optional(),
	/** By purpose. */
	consents: z.record(z.string(), z.boolean()).optional(),
	/** What may be used now: rewards and promotions. `cost` in points. */
	rewards: z
		.array(
			z.object({
				id: z.string(),
				name: z.string(),
				cost: z.int().optional(),
				note: z.string().optional(),
				needs_line: z.boolean().optional(),
			}),
		)
		.max(50)
		.optional(),
	stamp_cards: z
		.array(z.object({ id: z.string(), name: z.string(), total: z.int().min(1).max(40), count: z.int().min(0) }))
		.max(20)
		.optional(),
	/** Two members that may be one person, for headquarters to decide. */
	identity_conflict: z.boolean().optional(),
});
export type MemberProfile = z.infer<typeof MemberProfileSchema>;

/** A row as headquarters writes it and as tests read it back. */
export const MemberRowSchema = z.tuple([
	MemberIdSchema,
	z.int().min(1),
	MemberStatusSchema,
	LoyaltyBarcodeSchema.nullable(),
	CardStatusSchema.nullable(),
	z.string().nullable(),
	z.string().nullable(),
	z.string().nullable(),
	z.string().nullable(),
	BalanceSchema,
	z.string(),
	z.int(),
	z.int(),
	MemberIdSchema.nullable(),
	z.int().nullable(),
	z.array(AliasSchema),
	MemberProfileSchema,
	z.int().min(0),
	z.int().min(0),
]);
export type MemberRow = z.infer<typeof MemberRowSchema>;
