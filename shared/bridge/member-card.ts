import { z } from 'zod';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '../domain/ids.ts';

/** Times are unix milliseconds, points whole. What the Member screen shows; nothing more leaves the services. */
export const MemberCardSchema = z.object({
	memberId: MemberIdSchema,
	/** `null`: a member without a name. */
	name: z.string().nullable(),
	firstName: z.string().nullable(),
	/** Up to two letters for lists that others may see. */
	initials: z.string(),
	barcode: LoyaltyBarcodeSchema.nullable(),
	status: z.enum(['active', 'inactive', 'suspended', 'stub']),
	tierId: z.string(),
	tierPoints: z.int(),
	/** Confirmed by headquarters and spendable. */
	points: z.int(),
	/** Own events that headquarters has not confirmed in this balance yet, plus what headquarters itself holds back. May be negative. */
	pendingPoints: z.int(),
	expiring: z.object({ points: z.int(), on: z.string() }).nullable(),
	lastVisitAtMs: z.int().nullable(),
	memberSinceMs: z.int().nullable(),
	/** By purpose; a missing purpose was never asked. */
	consents: z.record(z.string(), z.boolean()),
	rewards: z.array(
		z.object({ id: z.string(), name: z.string(), cost: z.int().nullable(), note: z.string().nullable(), needsLine: z.boolean() }),
	),
	stampCards: z.array(z.object({ id: z.string(), name: z.string(), total: z.int(), count: z.int() })),
	/** The balance is as of this moment; 0 for a member enrolled here whom headquarters has not answered yet. */
	asOfMs: z.int(),
	/** Another card was joined to this one at headquarters and its points are not in this balance yet: never a final figure. */
	isBalanceUpdating: z.boolean(),
	/** Enrolled on this terminal and not confirmed yet. */
	isLocal: z.boolean(),
});
export type MemberCard = z.infer<typeof MemberCardSchema>;

/** One line of a list of members: enough to choose by, no more. */
export const MemberLineSchema = z.object({
	memberId: MemberIdSchema,
	name: z.string().nullable(),
	tierId: z.string(),
	points: z.int(),
	/** Last four of the barcode, last three of the mobile, masked e-mail: which of several people of one name. */
	cardEnd: z.string().nullable(),
	mobileEnd: z.string().nullable(),
	emailMasked: z.string().nullable(),
	memberSinceMs: z.int().nullable(),
	isLocal: z.boolean(),
});
export type MemberLine = z.infer<typeof MemberLineSchema>;

/** What a scan or a typed text led to. */
export const IdentificationSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('found'), member: MemberCardSchema }),
	z.object({ kind: z.literal('several'), members: z.array(MemberLineSchema), hasMore: z.boolean() }),
	/** A well-formed card that nobody on this terminal has. Points can be given to the barcode; `isLoading` while the first load runs. */
	z.object({ kind: z.literal('unknown_card'), barcode: LoyaltyBarcodeSchema, asOfMs: z.int(), isLoading: z.boolean() }),
	z.object({ kind: z.literal('blocked_card'), member: MemberLineSchema, cardStatus: z.enum(['blocked', 'replaced']) }),
	z.object({ kind: z.literal('wrong_check_digit') }),
	z.object({ kind: z.literal('coupon') }),
	z.object({ kind: z.literal('book') }),
	z.object({ kind: z.literal('unreadable'), reason: z.enum(['too_short', 'too_long', 'characters']) }),
	/** A typed text that found nobody. */
	z.object({ kind: z.literal('nobody'), asOfMs: z.int(), isLoading: z.boolean() }),
]);
export type Identification = z.infer<typeof IdentificationSchema>;
