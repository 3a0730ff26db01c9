import { z } from 'zod';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '../domain/ids.ts';
import { IdentificationSchema, MemberCardSchema, MemberLineSchema } from './member-card.ts';
import { call } from './call.ts';

const ConsentInputSchema = z.object({
	purpose: z.enum(['terms', 'email', 'sms']),
	granted: z.boolean(),
	version: z.int().min(1),
	language: z.string().min(2).max(12),
});

/** The enrolment form as it stands; every field may be empty while it is typed. Raw text: the services normalise and judge. */
export const EnrolFormSchema = z.object({
	barcode: z.string().max(512),
	firstName: z.string().max(100),
	lastName: z.string().max(100),
	mobile: z.string().max(40),
	email: z.string().max(255),
});
export type EnrolForm = z.infer<typeof EnrolFormSchema>;

export const memberCalls = {
	/** Anything scanned or typed: barcode first, then mobile, e-mail, name. */
	'member.identify': call(z.object({ text: z.string().min(1).max(512), source: z.enum(['scan', 'typed']) }), IdentificationSchema),
	'member.open': call(z.object({ memberId: MemberIdSchema }), MemberCardSchema),
	/** People who may be the one that is being enrolled, best first, while typing. */
	'member.duplicates': call(
		EnrolFormSchema,
		z.object({ suspects: z.array(MemberLineSchema.extend({ because: z.enum(['card', 'mobile', 'email', 'name']) })).max(5) }),
	),
	/** The next card of this terminal's own block; not used up until the enrolment is recorded. */
	'member.nextCard': call(z.object({}), z.object({ barcode: LoyaltyBarcodeSchema })),
	/** Records the enrolment (`opt_in`); the member can earn at once. `confirmedDuplicate`: the cashier saw the warning. */
	'member.enrol': call(
		z.object({ requestId: z.uuid(), form: EnrolFormSchema, consents: z.array(ConsentInputSchema).max(20) }),
		z.object({ eventId: EventIdSchema, member: MemberCardSchema }),
	),
} as const;
