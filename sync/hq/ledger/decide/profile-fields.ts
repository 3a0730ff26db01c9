import type { ConsentAnswer, ProfileData } from '#shared/wire/event.ts';
import type { ConsentState, MemberState } from './member-state.ts';

/** Bytes of all attributes of a member besides the columns, as JSON. */
export const ATTRIBUTES_BYTES_MAX = 16_384;

/** Properties of the data that are not attributes. */
const KNOWN = new Set([
	'loyalty_barcode',
	'first_name',
	'last_name',
	'email',
	'mobile_phone',
	'language',
	'consents',
	'effective_timestamp',
	'cashier',
	'corrects',
]);

type Contact = Pick<MemberState, 'firstName' | 'lastName' | 'mobile' | 'email'>;

/** Takes what `data` gives; `null` and the empty string clear a field, what is not mentioned stays. */
export function overwriteFields(member: MemberState, data: ProfileData): MemberState {
	const given = contactsOf(data);
	const attributes = new Map(Object.entries(member.attributes));
	for (const [name, value] of attributesOf(data)) {
		if (value === null) attributes.delete(name);
		else attributes.set(name, value);
	}
	const { language: before, ...profile } = member.profile;
	const language = data.language === undefined ? before : (data.language ?? undefined);
	return {
		...member,
		...given,
		attributes: Object.fromEntries(attributes),
		profile: language === undefined ? profile : { ...profile, language },
	};
}

/** Takes what `data` gives only where the member has nothing yet. */
export function fillBlanks(member: MemberState, data: ProfileData): MemberState {
	const given = contactsOf(data);
	const attributes = { ...Object.fromEntries(attributesOf(data).filter(([, value]) => value !== null)), ...member.attributes };
	const language = member.profile.language ?? data.language ?? undefined;
	return {
		...member,
		firstName: member.firstName ?? given.firstName ?? null,
		lastName: member.lastName ?? given.lastName ?? null,
		mobile: member.mobile ?? given.mobile ?? null,
		email: member.email ?? given.email ?? null,
		attributes,
		profile: language === undefined ? member.profile : { ...member.profile, language },
	};
}

/** Per purpose the newer answer holds; of two of one moment, the later in the list. */
export function withConsents(member: MemberState, answers: readonly ConsentAnswer[]): MemberState {
	return replaceConsents(member, answers, (before, answer) => (answer.at >= before.at ? answer : before));
}

/** Two enrolments of one person: a purpose is granted only if both granted it. */
export function withStricterConsents(member: MemberState, answers: readonly ConsentAnswer[]): MemberState {
	return replaceConsents(member, answers, (before, answer) => (before.granted && !answer.granted ? answer : before));
}

/** Whether both have a phone, or both an e-mail address, and they differ: then one card does not make them one person. */
export function contradicts(left: Contact, right: Contact): boolean {
	const phoneDiffers = left.mobile !== null && right.mobile !== null && left.mobile !== right.mobile;
	const emailDiffers = left.email !== null && right.email !== null && left.email.toLowerCase() !== right.email.toLowerCase();
	return phoneDiffers || emailDiffers;
}

/** Whether the attributes have outgrown their limit. */
export function isTooLarge(member: MemberState): boolean {
	return Buffer.byteLength(JSON.stringify(member.attributes)) > ATTRIBUTES_BYTES_MAX;
}

function replaceConsents(
	member: MemberState,
	answers: readonly ConsentAnswer[],
	choose: (before: ConsentState, answer: ConsentState) => ConsentState,
): MemberState {
	if (answers.length === 0) return member;
	const consents = new Map(Object.entries(member.consents));
	const shown = new Map(Object.entries(member.profile.consents ?? {}));
	for (const { purpose, granted, at, version, language } of answers) {
		const answer = { granted, at, version, language };
		// Imported members have the answer without its evidence: it counts as older than any other.
		const imported = shown.get(purpose);
		const before = consents.get(purpose) ?? (imported === undefined ? undefined : { ...answer, granted: imported, at: 0 });
		consents.set(purpose, before === undefined ? answer : choose(before, answer));
	}
	for (const [purpose, { granted }] of consents) shown.set(purpose, granted);
	return { ...member, consents: Object.fromEntries(consents), profile: { ...member.profile, consents: Object.fromEntries(shown) } };
}

/** Only the fields that `data` mentions. */
function contactsOf(data: ProfileData): Partial<Contact> {
	return {
		...(data.first_name === undefined ? {} : { firstName: textOrNull(data.first_name) }),
		...(data.last_name === undefined ? {} : { lastName: textOrNull(data.last_name) }),
		...(data.mobile_phone === undefined ? {} : { mobile: textOrNull(data.mobile_phone) }),
		...(data.email === undefined ? {} : { email: textOrNull(data.email) }),
	};
}

function attributesOf(data: ProfileData): [string, unknown][] {
	return Object.entries(data).filter(([name]) => !KNOWN.has(name));
}

function textOrNull(text: string | null): string | null {
	const trimmed = text?.trim() ?? '';
	return trimmed === '' ? null : trimmed;
}
