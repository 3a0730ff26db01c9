import type { CallOutput } from '#shared/bridge/contract.ts';
import type { EnrolForm } from '#shared/bridge/member-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { foldText } from '#sync/outbox/fold-text.ts';
import type { LocalEnrolment } from '#sync/outbox/outbox.ts';
import type { FoundMember } from '#sync/replica/replica.ts';
import type { TerminalContext } from '../context.ts';
import { mobilePrefix, normaliseEmail, normaliseMobile, normaliseName } from '../member/contacts.ts';
import { findByCard, follow, idOf, personOf, statusOf } from '../member/known-member.ts';
import type { KnownMember } from '../member/known-member.ts';
import { memberLine } from '../member/member-card.ts';
import { foldName } from '../member/names.ts';
import { nameSimilarity } from './similarity.ts';

type Because = CallOutput<'member.duplicates'>['suspects'][number]['because'];
type Suspect = { readonly known: KnownMember; readonly because: Because; readonly score: number };

/** Suspects on the screen at once. */
const SUSPECTS_MAX = 5;
/** Candidates read per question; the best of them are shown. */
const CANDIDATES_MAX = 50;
/** A number or address says something from so many typed characters on (`+` and country code included). */
const MOBILE_PREFIX_MIN = 8;
const EMAIL_PREFIX_MIN = 4;
/** Letters of each name by which candidates are found; a slip in the first two letters hides a duplicate, one later does not. */
const NAME_PREFIX = 2;
/** `Kovacs Agnes` and `Kováts Ágnes` are 0.92 alike, `Kovács Anna` and `Kovács Ágnes` 0.7. */
const NAME_SIMILARITY_MIN = 0.8;

/** Whole matches, then beginnings, then names; between them by how alike they are. */
const SCORE = { card: 6, mobile: 5, email: 4, mobilePrefix: 3, emailPrefix: 2 } as const;

/**
 * People who may be the one that is being enrolled, best first, each once with the strongest reason. Asked at every key: it never
 * fails for a half-typed field, which finds less or nothing.
 */
export async function findDuplicates(
	context: TerminalContext,
	form: EnrolForm,
): Promise<Result<CallOutput<'member.duplicates'>, LoyaltyError>> {
	const suspects = [
		...(await byCard(context, form.barcode)),
		...(await byMobile(context, form.mobile)),
		...(await byEmail(context, form.email)),
		...(await byName(context, form)),
	];
	const typed = namesOf({ firstName: form.firstName, lastName: form.lastName });
	// Of two with the same reason the one with the more similar name: `SCORE` is in whole numbers.
	const strength = ({ known, score }: Suspect): number => score + 0.9 * nameSimilarity(typed, namesOf(personOf(known)));
	const best = new Map<string, Suspect>();
	for (const suspect of suspects.toSorted((one, other) => strength(other) - strength(one))) {
		// A stub has no person behind it that could be enrolled twice.
		if (statusOf(suspect.known) !== 'stub' && !best.has(idOf(suspect.known))) best.set(idOf(suspect.known), suspect);
	}
	const shown = [...best.values()].slice(0, SUSPECTS_MAX);
	return ok({ suspects: await Promise.all(shown.map(async ({ known, because }) => ({ ...(await memberLine(context, known)), because }))) });
}

async function byCard(context: TerminalContext, text: string): Promise<readonly Suspect[]> {
	const found = text.trim() === '' ? null : await findByCard(context, text);
	return found === null ? [] : [{ known: found.known, because: 'card', score: SCORE.card }];
}

async function byMobile(context: TerminalContext, text: string): Promise<readonly Suspect[]> {
	const country = context.programme()?.phoneCountry ?? '';
	const whole = normaliseMobile(text, country);
	const prefix = whole ?? mobilePrefix(text, country);
	if (prefix === null || prefix.length < MOBILE_PREFIX_MIN) return [];
	const people = await candidates(context, await context.replica.findByMobile(prefix, CANDIDATES_MAX), prefix);
	return people
		.filter((known) => personOf(known).mobile?.startsWith(prefix) === true)
		.map((known) => ({ known, because: 'mobile', score: personOf(known).mobile === whole ? SCORE.mobile : SCORE.mobilePrefix }));
}

async function byEmail(context: TerminalContext, text: string): Promise<readonly Suspect[]> {
	const typed = (normaliseEmail(text) ?? text.trim()).toLowerCase();
	if (typed.length < EMAIL_PREFIX_MIN) return [];
	const people = await candidates(context, await context.replica.findByEmail(typed, CANDIDATES_MAX), typed);
	return people
		.filter((known) => personOf(known).email?.toLowerCase().startsWith(typed) === true)
		.map((known) => ({ known, because: 'email', score: personOf(known).email?.toLowerCase() === typed ? SCORE.email : SCORE.emailPrefix }));
}

async function byName(context: TerminalContext, form: EnrolForm): Promise<readonly Suspect[]> {
	const typed = namesOf({ firstName: normaliseName(form.firstName), lastName: normaliseName(form.lastName) });
	const [first, last] = typed;
	if (first.length < NAME_PREFIX || last.length < NAME_PREFIX) return [];
	// The search folds less than the comparison does: `Ørsted` is not found by `or`.
	const [firstWords, lastWords] = [foldText(form.firstName), foldText(form.lastName)];
	const prefixes = `${firstWords.slice(0, NAME_PREFIX)} ${lastWords.slice(0, NAME_PREFIX)}`;
	// Whole names first, since two letters of each may begin more names than are read.
	const found = [
		...(await context.replica.searchByName(`${firstWords} ${lastWords}`, CANDIDATES_MAX)),
		...(await context.replica.searchByName(prefixes, CANDIDATES_MAX)),
	];
	const people = await candidates(context, found, prefixes);
	return people
		.map((known) => ({ known, because: 'name' as const, score: nameSimilarity(typed, namesOf(personOf(known))) }))
		.filter(({ score }) => score >= NAME_SIMILARITY_MIN);
}

function namesOf({ firstName, lastName }: Pick<LocalEnrolment, 'firstName' | 'lastName'>): readonly [string, string] {
	return [foldName(firstName ?? ''), foldName(lastName ?? '')];
}

async function candidates(context: TerminalContext, found: readonly FoundMember[], enrolled: string): Promise<readonly KnownMember[]> {
	const known = await Promise.all(found.map((member) => follow(context, member)));
	const enrolments = await context.outbox.searchEnrolments(enrolled, CANDIDATES_MAX);
	return [...known.filter((one) => one !== null), ...enrolments.map((enrolment): KnownMember => ({ from: 'enrolment', enrolment }))];
}
