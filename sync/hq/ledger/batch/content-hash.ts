import { hash } from 'node:crypto';
import { EVENT_BYTES_MAX } from '#shared/wire/limits.ts';
import { isKept, KEPT_FIELDS } from './scrub.ts';

/** Objects and lists inside each other. Deeper is no event. */
const DEPTH_MAX = 24;

/** Of each digest, in hexadecimal digits. 128 bits: it tells a mistake from a repetition, nobody gains by a collision. */
const DIGEST_LENGTH = 32;

/** Between the digests: whether anything in the event would leave it after an opt-out. */
const PERSONAL = '.';
const BARE = '-';

/** Of a member's id: enough to tell two of them apart. One that a terminal has made is as good as a digest, and nothing has to be counted. */
const WHO_LENGTH = 12;
const MADE_BY_TERMINAL = /^[0-9a-f-]{36}$/;

/** Of these a terminal keeps nothing but the member's id after an opt-out. */
const PROFILE_ACTIONS: ReadonlySet<string> = new Set(['opt_in', 'profile']);

/**
 * What copies of an event are compared by (`isSameContent`): a digest of what it says (`customer`, `external_id`, `action` and `data` as JSON with
 * sorted keys), a mark, and a digest of the part that outlives an opt-out, with the end of the member's id. Its place in the order, its age and `force_stub` are not part of
 * it: they change when the same event is sent again. `null` when it cannot be stored: a text with a zero character or half a surrogate
 * pair (PostgreSQL refuses both), too deep, or above `EVENT_BYTES_MAX`.
 */
export function contentHashOf(item: Readonly<Record<string, unknown>>): string | null {
	const { action, data } = item;
	const text = canonicalJson({ customer: item['customer'], external_id: item['external_id'], action, data }, 0);
	if (text === null || Buffer.byteLength(text) > EVENT_BYTES_MAX) return null;
	const isProfile = typeof action === 'string' && PROFILE_ACTIONS.has(action);
	// A card is personal too: headquarters forgets it, and knows the member by its id.
	const isBare = isRecord(data) && Object.keys(data).every(isKept) && (isProfile || item['external_id'] === undefined);
	const rest = isProfile ? action : digestOf(keptText(action, data));
	return `${digestOf(text)}${isBare ? BARE : PERSONAL}${rest}/${whoOf(item)}`;
}

/** The member, unless it is named by a card, which an opt-out takes away. */
function whoOf({ customer, external_id: externalId }: Readonly<Record<string, unknown>>): string {
	if (typeof customer !== 'string' || externalId !== undefined) return '';
	return (MADE_BY_TERMINAL.test(customer) ? customer : digestOf(customer)).slice(-WHO_LENGTH);
}

/** What an opt-out leaves of the data of an event that is no profile. */
function keptText(action: unknown, data: unknown): string {
	let text = JSON.stringify(action ?? null);
	if (!isRecord(data)) return text;
	for (const name of KEPT_FIELDS) if (data[name] !== undefined) text += `,${name}:${canonicalJson(data[name], 0)}`;
	return text;
}

/**
 * Whether two hashes can be of one event. A terminal whose member opted out keeps a copy without personal data, and so does headquarters, which
 * gives it to terminals that lost theirs. After a restore of headquarters to before the opt-out, such a copy meets one that still has all: then
 * only the part that both have is compared. Two that have all must be the same.
 */
export function isSameContent(left: string, right: string): boolean {
	const [one, other] = [partsOf(left), partsOf(right)];
	if (one.whole === other.whole) return true;
	// Headquarters' own events have none, and no terminal has a copy of them.
	if (one.whole === '' || other.whole === '') return false;
	// Stored before there was a second digest: it tells nothing of the parts.
	if (one.mark === '' || other.mark === '') return [one, other].some(({ mark, rest }) => mark === BARE && PROFILE_ACTIONS.has(rest));
	return isWhatIsLeft(one, other);
}

function isWhatIsLeft(one: Parts, other: Parts): boolean {
	const isAnyBare = one.mark === BARE || other.mark === BARE;
	// What a terminal and what headquarters keep of an enrolment is not the same; of anything else it is.
	const isEitherLess = one.mark !== other.mark || PROFILE_ACTIONS.has(one.rest);
	const isOfOneMember = one.who === other.who || one.who === '' || other.who === '';
	return isAnyBare && isEitherLess && isOfOneMember && one.rest === other.rest;
}

/** `mark` is empty, and the rest too, where there is but one digest. */
type Parts = { readonly whole: string; readonly mark: string; readonly rest: string; readonly who: string };

function partsOf(contentHash: string): Parts {
	const whole = contentHash.slice(0, DIGEST_LENGTH);
	const mark = contentHash.charAt(DIGEST_LENGTH);
	if (mark !== PERSONAL && mark !== BARE) return { whole, mark: '', rest: '', who: '' };
	const end = contentHash.indexOf('/');
	return { whole, mark, rest: contentHash.slice(DIGEST_LENGTH + 1, end), who: contentHash.slice(end + 1) };
}

function digestOf(text: string): string {
	return hash('sha256', text, 'hex').slice(0, DIGEST_LENGTH);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function canonicalJson(value: unknown, depth: number): string | null {
	if (depth > DEPTH_MAX) return null;
	if (typeof value === 'string') return isStorable(value) ? JSON.stringify(value) : null;
	// Numbers beyond JSON's (1e999 parses to Infinity) become null, as they would in storage.
	if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
	return Array.isArray(value) ? canonicalList(value, depth) : canonicalObject(value, depth);
}

// Text is put together by hand: this is done for every event, and lists in between cost half as much again.
function canonicalList(values: readonly unknown[], depth: number): string | null {
	let text = '[';
	for (const value of values) {
		const part = canonicalJson(value, depth + 1);
		if (part === null) return null;
		text += text.length === 1 ? part : `,${part}`;
	}
	return `${text}]`;
}

function canonicalObject(object: object, depth: number): string | null {
	const entries: [string, unknown][] = Object.entries(object);
	entries.sort(([left], [right]) => (left < right ? -1 : 1));
	let text = '{';
	for (const [key, value] of entries) {
		if (value === undefined) continue;
		const part = isStorable(key) ? canonicalJson(value, depth + 1) : null;
		if (part === null) return null;
		text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${part}`;
	}
	return `${text}}`;
}

function isStorable(text: string): boolean {
	return text.isWellFormed() && !text.includes('\u0000');
}
