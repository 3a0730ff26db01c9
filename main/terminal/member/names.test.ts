import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOf, maskEmail } from './masking.ts';
import { firstGrapheme, foldName, fullName, initials, shortName } from './names.ts';

type Case = {
	readonly of: readonly [string | null, string | null];
	readonly language?: string;
	readonly full: string | null;
	readonly initials: string;
	readonly short: string | null;
};

const CASES: readonly Case[] = [
	{ of: ['An', 'Example'], full: 'An Example', initials: 'AE', short: 'A. Example' },
	{ of: ['Ágnes', 'Kovács'], language: 'hu', full: 'Kovács Ágnes', initials: 'KÁ', short: 'Kovács Á.' },
	{ of: ['Ágnes', 'Kovács'], language: 'hu-HU', full: 'Kovács Ágnes', initials: 'KÁ', short: 'Kovács Á.' },
	{ of: ['Ágnes', 'Kovács'], language: 'de', full: 'Ágnes Kovács', initials: 'ÁK', short: 'Á. Kovács' },
	{ of: ['美咲', '高橋'], language: 'ja', full: '高橋美咲', initials: '高美', short: '高橋 美.' },
	{ of: ['Misaki', 'Takahashi'], language: 'ja', full: 'Takahashi Misaki', initials: 'TM', short: 'Takahashi M.' },
	{ of: ['伟', '王'], language: 'zh-Hans-CN', full: '王伟', initials: '王伟', short: '王 伟.' },
	{ of: ['민준', '김'], language: 'ko', full: '김민준', initials: '김민', short: '김 민.' },
	{ of: ['Văn An', 'Nguyễn'], language: 'vi', full: 'Nguyễn Văn An', initials: 'NV', short: 'Nguyễn V.' },
	{ of: ['فاطمة', 'القرشي'], language: 'ar', full: 'فاطمة القرشي', initials: 'فا', short: 'ف. القرشي' },
	{ of: ['กมลชนก', 'เจริญสุข'], language: 'th', full: 'กมลชนก เจริญสุข', initials: 'กเ', short: 'ก. เจริญสุข' },
	{ of: ['işıl', 'ışık'], language: 'tr', full: 'işıl ışık', initials: 'İI', short: 'İ. ışık' },
	{ of: ['işıl', 'ışık'], language: 'en', full: 'işıl ışık', initials: 'II', short: 'I. ışık' },
	{ of: ['ßorg', 'x'], full: 'ßorg x', initials: 'ßX', short: 'ß. x' },
	{ of: ['👩‍👩‍👧 Zoë', null], full: '👩‍👩‍👧 Zoë', initials: 'Z', short: '👩‍👩‍👧 Zoë' },
	{ of: ['👩‍👩‍👧', '🇭🇺'], full: '👩‍👩‍👧 🇭🇺', initials: '👩‍👩‍👧🇭🇺', short: '👩‍👩‍👧. 🇭🇺' },
	{ of: ['Å\u0323sa', 'X'], full: 'Å\u0323sa X', initials: 'Å\u0323X', short: 'Å\u0323. X' },
	{ of: ['“Bob”', "O'Neill"], full: "“Bob” O'Neill", initials: 'BO', short: "B. O'Neill" },
	{ of: ['Anna', null], full: 'Anna', initials: 'A', short: 'Anna' },
	{ of: [null, 'Kovács'], language: 'hu', full: 'Kovács', initials: 'K', short: 'Kovács' },
	{ of: [' ', ''], full: null, initials: '', short: null },
	{ of: [null, null], full: null, initials: '', short: null },
	{ of: ['An', 'Example'], language: 'not a language', full: 'An Example', initials: 'AE', short: 'A. Example' },
	{ of: ['An', 'Example'], language: '', full: 'An Example', initials: 'AE', short: 'A. Example' },
];

test.each(CASES)(
	'$of in $language: $full, $initials, $short',
	({ of: [firstName, lastName], language, full, initials: letters, short }) => {
		expect(fullName({ firstName, lastName }, language)).toBe(full);
		expect(initials({ firstName, lastName }, language)).toBe(letters);
		expect(shortName({ firstName, lastName }, language)).toBe(short);
	},
);

const anyName = fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 10 }));
const anyLanguage = fc.oneof(fc.constant(undefined), fc.constantFrom('hu', 'ja', 'tr', 'ar', 'en-GB', 'x', '_', 'zz-zz-zz'), fc.string());

function graphemesOf(text: string): number {
	return Array.from(new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)).length;
}

test('initials are at most two letters of whatever script, and never half of one', () => {
	fc.assert(
		fc.property(anyName, anyName, anyLanguage, (firstName, lastName, language) => {
			const letters = initials({ firstName, lastName }, language);
			// Two flags side by side may read as other graphemes than each alone: never more.
			expect(graphemesOf(letters)).toBeLessThanOrEqual(2);
			expect(letters.isWellFormed() || !`${firstName}${lastName}`.isWellFormed()).toBe(true);
		}),
	);
});

test('a full name has every part in it, and is null only without any', () => {
	fc.assert(
		fc.property(anyName, anyName, anyLanguage, (firstName, lastName, language) => {
			const full = fullName({ firstName, lastName }, language);
			const parts = [firstName?.trim() ?? '', lastName?.trim() ?? ''].filter((part) => part !== '');
			expect(full === null).toBe(parts.length === 0);
			expect(parts.every((part) => full?.includes(part) === true)).toBe(true);
		}),
	);
});

test('the first grapheme is what Unicode says, for whatever two characters a name begins with', () => {
	const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
	const latin = Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code));
	const joining = ['\u{301}', '\u{200d}', '\u{fe0f}', '\u{1f3fd}', '\u{1f1ed}', '가', '👩', ''];
	for (const first of [...latin, ...joining]) {
		for (const second of [...latin, ...joining]) {
			const [expected] = segmenter.segment(first + second);
			expect(firstGrapheme(first + second), JSON.stringify(first + second)).toBe(expected?.segment ?? '');
		}
	}
});

test('the first grapheme begins the text', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme' }), (text) => {
			expect(text.startsWith(firstGrapheme(text))).toBe(true);
			expect(firstGrapheme(text) === '').toBe(text === '');
		}),
	);
});

test.each([
	['Kovács', 'kovacs'],
	['KOVÁCS', 'kovacs'],
	['Kova\u0301cs', 'kovacs'],
	['Søren Łukasz', 'soren lukasz'],
	['Straße', 'strasse'],
	["O’Neill-O'Brien", 'o neill o brien'],
	['  von   Hohenlohe ', 'von hohenlohe'],
	['高橋', '高橋'],
	['ﬁnn', 'finn'],
])('%j is compared as %j', (name, folded) => {
	expect(foldName(name)).toBe(folded);
	expect(foldName(folded)).toBe(folded);
});

test.each([
	['agnes@example.org', 'a•••@example.org'],
	['a@example.org', 'a•••@example.org'],
	['"a@b"@example.org', '"•••@example.org'],
	['é.x@example.org', 'é•••@example.org'],
	['@example.org', null],
	['nobody', null],
	[null, null],
])('%j is shown as %j', (email, masked) => {
	expect(maskEmail(email)).toBe(masked);
});

test('a masked address does not tell how long the hidden part is, nor any of it but the first letter', () => {
	fc.assert(
		fc.property(fc.emailAddress(), (email) => {
			const at = email.lastIndexOf('@');
			expect(maskEmail(email)).toBe(`${email.slice(0, 1)}•••${email.slice(at)}`);
		}),
	);
});

test('the end of a number is shown only when most of it stays hidden', () => {
	expect(endOf('2955000100012', 4)).toBe('0012');
	expect(endOf('+36301234567', 3)).toBe('567');
	expect(endOf('1234', 4)).toBeNull();
	expect(endOf(null, 4)).toBeNull();
});
