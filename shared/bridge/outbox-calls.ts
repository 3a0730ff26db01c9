import { z } from 'zod';
import { EventIdSchema, MemberIdSchema } from '../domain/ids.ts';
import { CurrencySchema } from '../domain/money.ts';
import { call } from './call.ts';

/** What headquarters said, as a kind with its own sentence; `code` for support. */
export const RefusalSchema = z.object({
	kind: z.enum([
		'transaction_used',
		'opted_out',
		'not_active',
		'refund_limit',
		'not_owner',
		'malformed',
		'content_mismatch',
		'identity_conflict',
		'crashes_headquarters',
		'other',
	]),
	code: z.int(),
});

/** One entry as the Outbox screen tells it. `displayStatus` is for people: `needs_person` is refused or parked. */
export const OutboxLineSchema = z.object({
	/** Pages on: entries before this position are older. */
	position: z.int(),
	eventId: EventIdSchema,
	action: z.enum(['opt_in', 'profile', 'checkout', 'refund', 'partial_refund', 'point_add', 'point_sub', 'opt_out']),
	displayStatus: z.enum(['will_be_sent', 'on_its_way', 'waits_for_headquarters', 'needs_person', 'accepted', 'taken_back']),
	memberId: MemberIdSchema.nullable(),
	/** First letter and last name, or the card number of an unknown member. */
	who: z.string(),
	atMs: z.int(),
	cashier: z.string(),
	receiptNumber: z.string().nullable(),
	amountMinor: z.int().nullable(),
	currency: CurrencySchema.nullable(),
	points: z.int(),
	refusal: RefusalSchema.nullable(),
	attempts: z.int(),
	canVoid: z.boolean(),
	canResend: z.boolean(),
});
export type OutboxLine = z.infer<typeof OutboxLineSchema>;

export const ProofSchema = z.object({
	recorded: z.int(),
	accepted: z.int(),
	refused: z.int(),
	waiting: z.int(),
	voided: z.int(),
	sinceMs: z.int(),
});

export const outboxCalls = {
	/** `waiting`: what still has to reach headquarters, what needs a person first. `all`: everything, newest first. */
	'outbox.list': call(
		z.object({ show: z.enum(['waiting', 'all']), before: z.int().optional(), limit: z.int().min(1).max(200) }),
		z.object({ lines: z.array(OutboxLineSchema), hasMore: z.boolean(), proof: ProofSchema }),
	),
	'outbox.resend': call(z.object({ requestId: z.uuid(), eventId: EventIdSchema }), z.object({ eventId: EventIdSchema })),
} as const;
