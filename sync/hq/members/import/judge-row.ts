import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { CountryCode } from 'libphonenumber-js';
import { z } from 'zod';
import { tierFor } from '#shared/domain/earn.ts';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { readBarcode } from '#shared/domain/loyalty-barcode.ts';
import { BalanceSchema } from '#shared/domain/points.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { ProfileDataSchema } from '#shared/wire/event.ts';
import type { MemberProfile } from '#shared/wire/member-row.ts';
import type { NewMember } from '../new-member.ts';

/** What a row is judged with. `newId` mints the id of a row without one. */
export type JudgeContext = { readonly programme: Programme; readonly nowMs: number; readonly newId: () => string };

/** Above it a number is unix milliseconds, up to it unix seconds: the last second of the year 9999. */
const SECONDS_MAX = 253_402_300_799;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

const textSchema = z
	.union([z.string(), z.number().transform(String)], 'is no text')
	.transform((text) => text.replaceAll(/\s+/g, ' ').trim())
	.refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'has characters that no text has');
const digitsSchema = z
	.string()
	.trim()
	.regex(/^[+-]?\d{1,15}$/)
	.transform(Number);
const wholeNumberSchema = z
	.union([z.int(), digitsSchema], 'is not a whole number')
	.refine((number) => BalanceSchema.safeParse(number).success, 'is beyond a million million');
const wordSchema = z
	.string()
	.trim()
	.toLowerCase()
	.pipe(z.enum(['true', 'false', 'yes', 'no', '1', '0']))
	.transform((text) => text === 'true' || text === 'yes' || text === '1');
const answerSchema = z.union([z.boolean(), wordSchema, z.literal([0, 1]).transform((number) => number === 1)], 'is neither yes nor no');

const PROFILE = ProfileDataSchema.shape;

/** Limits are those of events, so that what can be imported can also be changed by a terminal. */
const RowSchema = z.strictObject({
	id: textSchema.refine((id) => MemberIdSchema.safeParse(id).success, 'is not 1 to 64 letters, digits, - or _').optional(),
	loyalty_barcode: textSchema.optional(),
	first_name: textSchema.pipe(z.string().max(100, 'is longer than 100 characters')).optional(),
	last_name: textSchema.pipe(z.string().max(100, 'is longer than 100 characters')).optional(),
	mobile_phone: textSchema.optional(),
	email: textSchema.pipe(z.email('is no e-mail address').max(255, 'is longer than 255 characters')).optional(),
	points: wholeNumberSchema.optional(),
	tier_points: wholeNumberSchema.refine((number) => number >= 0, 'is negative').optional(),
	status: z.enum(['active', 'inactive', 'suspended'], 'is not active, inactive or suspended').optional(),
	language: textSchema.pipe(z.string().min(2, 'is no language tag').max(12, 'is no language tag')).optional(),
	opt_in_at: z.union([z.string(), z.number()], 'is neither an ISO 8601 date nor unix seconds').optional(),
	consents_email: answerSchema.optional(),
	consents_sms: answerSchema.optional(),
});
type Row = z.infer<typeof RowSchema>;

/**
 * The member that a row describes, or in a few words what is wrong with it. A reason names columns, never their values:
 * the list of rejected lines holds nothing personal.
 */
export function judgeRow(fields: Readonly<Record<string, unknown>>, context: JudgeContext): Result<NewMember, string> {
	const parsed = RowSchema.safeParse(withoutBlanks(fields));
	if (!parsed.success) return fail(reasonOf(parsed.error));
	const row = parsed.data;
	const card = cardOf(row.loyalty_barcode, context.programme);
	if (!card.ok) return card;
	const mobile = mobileOf(row.mobile_phone, context.programme);
	if (!mobile.ok) return mobile;
	const optInAtMs = momentOf(row.opt_in_at);
	if (!optInAtMs.ok) return optInAtMs;
	if (card.value === null && mobile.value === null && row.email === undefined)
		return fail('has neither loyalty_barcode nor mobile_phone nor email');
	return ok(memberOf(row, { card: card.value, mobile: mobile.value, optInAtMs: optInAtMs.value }, context));
}

function memberOf(
	row: Row,
	found: { readonly card: string | null; readonly mobile: string | null; readonly optInAtMs: number | null },
	{ programme, nowMs, newId }: JudgeContext,
): NewMember {
	const {
		id = newId(),
		status = 'active',
		points = 0,
		tier_points: tierPoints = 0,
		first_name: firstName = null,
		last_name: lastName = null,
		email = null,
	} = row;
	return {
		id,
		status,
		card: found.card,
		cardStatus: found.card === null ? null : 'active',
		firstName,
		lastName,
		mobile: found.mobile,
		email,
		points,
		tier: tierFor(tierPoints, programme).id,
		tierPoints,
		updatedAtMs: nowMs,
		optInAtMs: found.optInAtMs,
		aliases: [],
		profile: profileOf(row, found.optInAtMs),
	};
}

function profileOf(row: Row, optInAtMs: number | null): MemberProfile {
	const consents = {
		...(row.consents_email === undefined ? {} : { email: row.consents_email }),
		...(row.consents_sms === undefined ? {} : { sms: row.consents_sms }),
	};
	return {
		...(row.language === undefined ? {} : { language: row.language }),
		...(optInAtMs === null ? {} : { opt_in_at: optInAtMs }),
		...(Object.keys(consents).length === 0 ? {} : { consents }),
	};
}

/** A blank field is a field that is not there. */
function withoutBlanks(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(fields).filter(([, value]) => value !== null && (typeof value !== 'string' || value.trim() !== '')),
	);
}

function cardOf(raw: string | undefined, programme: Programme): Result<string | null, string> {
	if (raw === undefined) return ok(null);
	const reading = readBarcode(raw, programme);
	switch (reading.kind) {
		case 'card':
			return ok(reading.barcode);
		case 'wrong_check_digit':
			return fail('loyalty_barcode has a wrong check digit');
		case 'coupon':
			return fail('loyalty_barcode is a coupon');
		case 'book':
			return fail('loyalty_barcode is a book or magazine');
		case 'unreadable':
			return fail('loyalty_barcode is not 3 to 64 printable ASCII characters');
	}
}

function mobileOf(raw: string | undefined, programme: Programme): Result<string | null, string> {
	if (raw === undefined) return ok(null);
	// What is E.164 already is taken as the wire takes it; the library costs fifty times more.
	if (PROFILE.mobile_phone.safeParse(raw).success) return ok(raw);
	const country = supported(programme.phoneCountry);
	const number = parsePhoneNumberFromString(raw, country === null ? {} : { defaultCountry: country, extract: false });
	return number?.isPossible() === true ? ok(number.number) : fail('mobile_phone is no phone number');
}

function supported(country: string): CountryCode | null {
	return isSupportedCountry(country) ? country : null;
}

function momentOf(raw: string | number | undefined): Result<number | null, string> {
	if (raw === undefined) return ok(null);
	const text = String(raw).trim();
	const atMs = /^\d{1,15}$/.test(text) ? fromUnix(Number(text)) : fromIso(text);
	return Number.isNaN(atMs) ? fail('opt_in_at is neither an ISO 8601 date nor unix seconds') : ok(atMs);
}

function fromUnix(number: number): number {
	return number > SECONDS_MAX ? number : number * 1000;
}

/** A time without a zone is UTC: the same on every machine. */
function fromIso(text: string): number {
	if (!ISO_DATE.test(text)) return Number.NaN;
	const iso = text.replace(' ', 'T');
	return Date.parse(/T[\d:.]+$/.test(iso) ? `${iso}Z` : iso);
}

function reasonOf(error: z.ZodError): string {
	const [issue] = error.issues;
	if (issue === undefined) return 'is malformed';
	if (issue.code === 'unrecognized_keys') return 'has an unknown field';
	const column = issue.path.join('.');
	return `${column} ${ownWords(issue)}`;
}

/** Messages of ours begin like the end of a sentence; zod's own are replaced, for they may hold the value. */
function ownWords(issue: z.core.$ZodIssue): string {
	return /^(?:is|has) /.test(issue.message) ? issue.message : 'is malformed';
}
