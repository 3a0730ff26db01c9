import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { ProfileData } from '#shared/wire/event.ts';
import { cashierId, newEventId, readiness, withCashier } from '../context.ts';
import type { Readiness, TerminalContext } from '../context.ts';
import { describeRecorded, findRepeated } from '../sale/recorded.ts';
import { normaliseEmail, normaliseMobile, normaliseName } from '../member/contacts.ts';
import { findByCard, idOf, statusOf } from '../member/known-member.ts';
import { cardNumberOf } from './next-card.ts';
import { readCard } from '../member/read-card.ts';

type EnrolInput = CallInput<'member.enrol'>;
type EnrolOutput = CallOutput<'member.enrol'>;

/** The form after it was read: what is stored of it. */
export type Applicant = {
	readonly barcode: LoyaltyBarcode;
	readonly firstName: string;
	readonly lastName: string | null;
	readonly mobile: string | null;
	readonly email: string | null;
};

/**
 * Records the enrolment of a walk-in, who is a member from then on and may earn at once. ENROL-101 when the card is somebody's,
 * ENROL-102 when the card, the first name or every contact is missing, ENROL-104 for a contact that is none (`values.field` names the
 * field of both), ENROL-103 when a required consent is missing, SCAN-… for a card that is none, LINE-101 before the first contact, DISK-….
 */
export async function enrol(context: TerminalContext, input: EnrolInput): Promise<Result<EnrolOutput, LoyaltyError>> {
	return context.gate.run(`member.enrol ${input.requestId}`, async () => {
		const repeated = await findRepeated(context, input.requestId, ['opt_in']);
		if (!repeated.ok) return repeated;
		if (repeated.value !== null) return present(context, repeated.value);
		const ready = readiness(context);
		if (!ready.ok) return ready;
		const { programme } = ready.value;
		const applicant = readForm(context, input.form, programme);
		if (!applicant.ok) return applicant;
		const consents = checkConsents(input.consents, programme);
		if (!consents.ok) return consents;
		if (await isTaken(context, applicant.value.barcode, null)) return fail(terminalError('ENROL-101'));
		const memberId = MemberIdSchema.parse(uuidV7(context.clock.nowMs(), context.random));
		const recorded = await context.outbox.record({
			requestId: input.requestId,
			eventId: newEventId(context),
			event: { customer: memberId, action: 'opt_in', data: toData(context, applicant.value, input.consents) },
			memberId,
			pointsEstimated: 0,
			receipt: null,
			cashier: cashierId(context),
			...ownCard(ready.value, applicant.value.barcode),
		});
		return recorded.ok ? present(context, recorded.value) : recorded;
	});
}

/** A card of this terminal's own block is used up by this. */
export function ownCard({ identity, programme }: Readiness, barcode: LoyaltyBarcode): { readonly cardNumber?: number } {
	if (identity.cardBlock === null) return {};
	const cardNumber = cardNumberOf(identity.cardBlock, barcode, programme.cardSeries);
	return cardNumber === null ? {} : { cardNumber };
}

type RecordedEntry = Parameters<typeof describeRecorded>[1];

async function present(context: TerminalContext, entry: RecordedEntry): Promise<Result<EnrolOutput, LoyaltyError>> {
	const { eventId, member } = await describeRecorded(context, entry);
	// Only a repeated call can find the member gone: merged into one who is not here yet, or opted out since.
	return member === null ? fail(terminalError('MEMBER-104')) : ok({ eventId, member });
}

/** The form after it was read. ENROL-102, ENROL-104, SCAN-…. */
export function readForm(context: TerminalContext, form: EnrolInput['form'], { phoneCountry }: Programme): Result<Applicant, LoyaltyError> {
	const firstName = normaliseName(form.firstName);
	if (firstName === null) return fail(terminalError('ENROL-102', { values: { field: 'firstName' } }));
	const mobile = readOptional(form.mobile, (text) => contact('mobile', normaliseMobile(text, phoneCountry)));
	if (!mobile.ok) return mobile;
	const email = readOptional(form.email, (text) => contact('email', normaliseEmail(text)));
	if (!email.ok) return email;
	if (mobile.value === null && email.value === null) return fail(terminalError('ENROL-102', { values: { field: 'contact' } }));
	if (form.barcode.trim() === '') return fail(terminalError('ENROL-102', { values: { field: 'card' } }));
	const card = readCard(context, form.barcode);
	if (!card.ok) return card;
	return ok({ barcode: card.value, firstName, lastName: normaliseName(form.lastName), mobile: mobile.value, email: email.value });
}

/** An empty field is no answer; anything else must be a right one. */
function readOptional<T>(text: string, readField: (text: string) => Result<T, LoyaltyError>): Result<T | null, LoyaltyError> {
	return text.trim() === '' ? ok(null) : readField(text);
}

function contact(field: 'mobile' | 'email', value: string | null): Result<string, LoyaltyError> {
	return value === null ? fail(terminalError('ENROL-104', { values: { field } })) : ok(value);
}

/** Each purpose is answered at most once, and every required one with yes. */
function checkConsents(consents: EnrolInput['consents'], programme: Programme): Result<null, LoyaltyError> {
	const purposes = new Set(consents.map(({ purpose }) => purpose));
	if (purposes.size !== consents.length)
		return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: 'a consent was answered twice' }));
	const granted = new Set(consents.filter((consent) => consent.granted).map(({ purpose }) => purpose));
	const isComplete = programme.consents.every(({ isRequired, purpose }) => !isRequired || granted.has(purpose));
	return isComplete ? ok(null) : fail(terminalError('ENROL-103'));
}

/** Whether the card is somebody's, other than `owner`'s. A stub only keeps its points until its owner enrols; headquarters then brings the two together. */
export async function isTaken(context: TerminalContext, barcode: LoyaltyBarcode, owner: MemberId | null): Promise<boolean> {
	const found = await findByCard(context, barcode);
	return found !== null && statusOf(found.known) !== 'stub' && idOf(found.known) !== owner;
}

/** What an event says of an applicant. */
export function toFields(applicant: Applicant): ProfileData {
	return {
		loyalty_barcode: applicant.barcode,
		first_name: applicant.firstName,
		...(applicant.lastName === null ? {} : { last_name: applicant.lastName }),
		...(applicant.email === null ? {} : { email: applicant.email }),
		...(applicant.mobile === null ? {} : { mobile_phone: applicant.mobile }),
	};
}

function toData(context: TerminalContext, applicant: Applicant, consents: EnrolInput['consents']): ProfileData {
	const nowMs = context.clock.nowMs();
	const cashier = cashierId(context);
	// The wording was read in the member's language.
	const language = consents[0]?.language ?? context.programme()?.consents[0]?.language;
	return withCashier(context, {
		...toFields(applicant),
		...(language === undefined ? {} : { language }),
		consents: consents.map((consent) => ({ ...consent, at: nowMs, ...(cashier === '' ? {} : { cashier }) })),
	});
}
