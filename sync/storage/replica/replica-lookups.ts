/** The replica's answers to look-ups and searches: one statement each, every one of them by an index. */
import { assert } from '#shared/lib/assert.ts';
import type { FoundMember, MergedRow } from '../../replica/replica.ts';
import type { Executor } from '../connection.ts';
import { SqliteError } from '../sqlite-error.ts';
import { FOUND_MEMBER, MERGED_INTO, readMember, readMerged } from './member-rows.ts';
import { BARCODE_END_LENGTH } from './replica-schema.ts';

/** Members in one answer. */
export const MATCHES_MAX = 100;
/** Words of a name that are looked at, and characters of any search. */
const WORDS_MAX = 8;
const SEARCH_LENGTH_MAX = 100;

export const BY_ID = `SELECT ${FOUND_MEMBER} FROM member WHERE id = ?1`;

/** A card that has just moved may be with two members until the next page: the one whose card it is, and of those the latest, is right. */
export const BY_BARCODE = `
	SELECT ${FOUND_MEMBER} FROM member
	WHERE rid IN (SELECT rid FROM member WHERE card = ?1 UNION ALL SELECT rid FROM alias WHERE value = ?1)
	ORDER BY card IS NOT ?1, updated_at DESC LIMIT 1`;

export const BY_MOBILE = `SELECT ${FOUND_MEMBER} FROM member WHERE mobile >= ?1 AND mobile < ?2 ORDER BY mobile LIMIT ?3`;

export const BY_EMAIL = `
	SELECT ${FOUND_MEMBER} FROM member
	WHERE email COLLATE NOCASE >= ?1 AND email COLLATE NOCASE < ?2 ORDER BY email COLLATE NOCASE LIMIT ?3`;

/** ?1 the part, ?2 the end of the range of barcodes that begin with it, ?3 its last characters or NULL when it is too short. */
export const BY_BARCODE_PART = `
	SELECT ${FOUND_MEMBER} FROM member WHERE rid IN (
		SELECT * FROM (SELECT rid FROM member WHERE card >= ?1 AND card < ?2 ORDER BY card LIMIT ?4)
		UNION SELECT * FROM (SELECT rid FROM alias WHERE value >= ?1 AND value < ?2 ORDER BY value LIMIT ?4)
		UNION SELECT * FROM (
			SELECT rid FROM member
			WHERE card IS NOT NULL AND substr(card, -${BARCODE_END_LENGTH}) = ?3 AND substr(card, -length(?1)) = ?1 LIMIT ?4
		)
		UNION SELECT * FROM (
			SELECT rid FROM alias WHERE substr(value, -${BARCODE_END_LENGTH}) = ?3 AND substr(value, -length(?1)) = ?1 LIMIT ?4
		)
	) ORDER BY card LIMIT ?4`;

/** ?1 matches whole words, ?2 beginnings: who is called exactly so comes before who is called similarly. */
export const BY_NAME = `
	SELECT ${FOUND_MEMBER} FROM (
		SELECT hit, min(place) AS place FROM (
			SELECT * FROM (SELECT rowid AS hit, 0 AS place FROM member_name WHERE member_name MATCH ?1 LIMIT ?3)
			UNION ALL
			SELECT * FROM (SELECT rowid AS hit, 1 AS place FROM member_name WHERE member_name MATCH ?2 LIMIT ?3)
		) GROUP BY hit
	) AS found CROSS JOIN member ON member.rid = found.hit
	ORDER BY found.place, last_name, first_name LIMIT ?3`;

export async function findById(reader: Executor, id: string): Promise<FoundMember | null> {
	return one(await reader.all(BY_ID, [id]));
}

export async function findMerged(reader: Executor, id: string): Promise<readonly MergedRow[]> {
	return (await reader.all(MERGED_INTO, [id])).flatMap(readMerged);
}

export async function findByBarcode(reader: Executor, barcode: string): Promise<FoundMember | null> {
	return one(await reader.all(BY_BARCODE, [barcode]));
}

type Search = { readonly text: string; readonly limit: number };

export async function findByMobile(reader: Executor, { text, limit }: Search): Promise<readonly FoundMember[]> {
	if (!isSearchable(text)) return [];
	return (await reader.all(BY_MOBILE, [text, endOfRange(text), bounded(limit)])).map(readMember);
}

export async function findByEmail(reader: Executor, { text, limit }: Search): Promise<readonly FoundMember[]> {
	if (!isSearchable(text)) return [];
	return (await reader.all(BY_EMAIL, [text, endOfRange(text), bounded(limit)])).map(readMember);
}

export async function searchByBarcode(reader: Executor, { text, limit }: Search): Promise<readonly FoundMember[]> {
	if (!isSearchable(text)) return [];
	const end = text.length >= BARCODE_END_LENGTH ? text.slice(-BARCODE_END_LENGTH) : null;
	return (await reader.all(BY_BARCODE_PART, [text, endOfRange(text), end, bounded(limit)])).map(readMember);
}

export async function searchByName(reader: Executor, { text, limit }: Search): Promise<readonly FoundMember[]> {
	const words = wordsOf(text);
	if (words.length === 0) return [];
	const whole = words.map((word) => `"${word}"`).join(' AND ');
	const beginnings = words.map((word) => `"${word}"*`).join(' AND ');
	try {
		return (await reader.all(BY_NAME, [whole, beginnings, bounded(limit)])).map(readMember);
	} catch (cause) {
		// A letter that is younger than SQLite's tables splits a word in two, and two words in one are a phrase, which this index does not know.
		if (cause instanceof SqliteError && cause.failure === 'statement') return [];
		throw cause;
	}
}

/**
 * The words of a search as the index has them: letters, digits and combining accents (unicode61). Nothing else is left, so that no
 * character of the search's own language (quotes, `*`, `-`, `:`, brackets) gets through.
 */
function wordsOf(text: string): readonly string[] {
	return (text.slice(0, SEARCH_LENGTH_MAX).match(/[\p{L}\p{N}\p{Co}\u0300-\u0331]+/gu) ?? []).slice(0, WORDS_MAX);
}

function one(rows: readonly Parameters<typeof readMember>[0][]): FoundMember | null {
	const [row] = rows;
	return row === undefined ? null : readMember(row);
}

function isSearchable(text: string): boolean {
	return text !== '' && text.length <= SEARCH_LENGTH_MAX;
}

/** Above every text that begins with `prefix`. */
function endOfRange(prefix: string): string {
	return `${prefix}\u{10ffff}`;
}

function bounded(limit: number): number {
	assert(Number.isInteger(limit) && limit >= 1 && limit <= MATCHES_MAX, () => `a search answers with 1 to ${MATCHES_MAX} members`);
	return limit;
}
