import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LoyaltyBarcodeSchema } from './ids.ts';
import { canonicalBarcode, hasLuhn, hasMod10, readBarcode, SCAN_LENGTH_MAX, withCheckDigit } from './loyalty-barcode.ts';
import type { Programme } from './programme.ts';

const programme: Pick<Programme, 'qr' | 'cardSeries'> = {
	qr: { keys: ['card', 'loyalty_barcode'], hosts: ['cards.regulars.example'] },
	cardSeries: [
		{ id: 'ean', prefix: '2955', length: 13, check: 'mod10' },
		{ id: 'luhn', prefix: '6011', length: 16, check: 'luhn' },
		{ id: 'text', prefix: 'VIP', length: 8, check: 'none' },
	],
};

test.each([
	['EAN-13', '4006381333931', '4006381333931'],
	['EAN-8', '96385074', '96385074'],
	['UPC-A becomes EAN-13 with a leading zero', '036000291452', '0036000291452'],
	['UPC-A that the scanner sent as EAN-13', '0036000291452', '0036000291452'],
	['12 digits that are no UPC-A stay as they are', '036000291453', '036000291453'],
	['spaces as printed under the bars', '4 006381 333931', '4006381333931'],
	['white space around, as some scanners add', '\t4006381333931\r\n', '4006381333931'],
	['small letters', 'vip00042', 'VIP00042'],
	['the seeds’ own form', '1234-5678-9123', '1234-5678-9123'],
	['a QR of pairs', 'v=1;card=2955000100012;x=9', '2955000100012'],
	['a QR of pairs with &', 'name=An&loyalty_barcode=1234-5678-9123', '1234-5678-9123'],
	['a QR key in capitals', 'CARD=2955000100012', '2955000100012'],
	['a URL of our host, key in the query', 'https://cards.regulars.example/c?card=2955000100012&utm=x', '2955000100012'],
	['a URL of our host, number at the end of the path', 'https://cards.regulars.example/c/2955000100012', '2955000100012'],
	['a URL of our host in capitals with a port', 'HTTPS://CARDS.Regulars.Example:8443/c/2955000100012#top', '2955000100012'],
])('%s: %j is looked up as %s', (_what, raw, barcode) => {
	expect(canonicalBarcode(raw, programme)).toBe(barcode);
});

test.each([
	['nothing', ''],
	['white space', ' \t '],
	['too short', '12'],
	['a control character inside', '40063\u{0}81333931'],
	['an FNC1 (GS) inside', '01040063\u{1d}81333931'],
	['letters that no card has', 'カード1234'],
	['65 characters', '1'.repeat(65)],
	['a path that ends in a slash', 'https://cards.regulars.example/c/'],
])('%s is no barcode', (_what, raw) => {
	expect(canonicalBarcode(raw, programme)).toBeNull();
	expect(readBarcode(raw, programme).kind).toBe('unreadable');
});

test.each([
	['https://evil.example/c?card=2955000100012'],
	['https://cards.regulars.example.evil.example/c/2955000100012'],
	['https://evil.example/cards.regulars.example/2955000100012'],
	['http://evil.example?card=2955000100012'],
	['https://user@cards.regulars.example/2955000100012'],
	['ftp://cards.regulars.example/2955000100012'],
	['https://evil.ex/1'],
])('a URL of a foreign host is no card and no number is taken from it: %s', (raw) => {
	expect(canonicalBarcode(raw, programme)).toBeNull();
	expect(readBarcode(raw, programme)).toEqual({ kind: 'unreadable', reason: raw.length > 64 ? 'too_long' : 'characters' });
});

test('looks at 512 characters and not at 513', () => {
	const url = 'https://cards.regulars.example/c?card=2955000100012&x=';
	const longest = url + 'x'.repeat(SCAN_LENGTH_MAX - url.length);
	expect(longest).toHaveLength(512);
	expect(canonicalBarcode(longest, programme)).toBe('2955000100012');
	expect(canonicalBarcode(`${longest}x`, programme)).toBeNull();
	expect(readBarcode(`${longest}x`, programme)).toEqual({ kind: 'unreadable', reason: 'too_long' });
});

test.each([
	['card of a mod-10 series', withCheckDigit('295500010001', 'mod10'), { kind: 'card', seriesId: 'ean' }],
	['card of a mod-10 series, one digit misread', '2955000100013', { kind: 'wrong_check_digit' }],
	['card of a Luhn series', withCheckDigit('601100000000004', 'luhn'), { kind: 'card', seriesId: 'luhn' }],
	['card of a Luhn series, misread', '6011000000000043', { kind: 'wrong_check_digit' }],
	['card of a series without a check digit', 'VIP00042', { kind: 'card', seriesId: 'text' }],
	['EAN-13 of no series', '4006381333931', { kind: 'card', seriesId: null }],
	['EAN-13 of no series, misread', '4006381333932', { kind: 'wrong_check_digit' }],
	['EAN-8', '96385074', { kind: 'card', seriesId: null }],
	['EAN-8, misread', '96385075', { kind: 'wrong_check_digit' }],
	['UPC-A', '036000291452', { kind: 'card', seriesId: null }],
	['UPC-A, misread', '036000291453', { kind: 'wrong_check_digit' }],
	['coupon 99', withCheckDigit('990000000001', 'mod10'), { kind: 'coupon' }],
	['coupon 980', withCheckDigit('980000000001', 'mod10'), { kind: 'coupon' }],
	['coupon 983', withCheckDigit('983000000001', 'mod10'), { kind: 'coupon' }],
	['984 is no coupon', withCheckDigit('984000000001', 'mod10'), { kind: 'card', seriesId: null }],
	['a book (978)', '9783161484100', { kind: 'book' }],
	['a magazine (977)', withCheckDigit('977000000001', 'mod10'), { kind: 'book' }],
	['Code 128 text of no series', 'AB-1234/56', { kind: 'card', seriesId: null }],
	['two characters', 'A1', { kind: 'unreadable', reason: 'too_short' }],
	['70 characters', 'A'.repeat(70), { kind: 'unreadable', reason: 'too_long' }],
	['foreign letters', 'нет такой', { kind: 'unreadable', reason: 'characters' }],
])('%s: %s', (_what, raw, reading) => {
	expect(readBarcode(raw, programme)).toMatchObject(reading);
});

test('a series decides before the GS1 prefixes: its own coupon-like numbers are cards', () => {
	const own = { qr: programme.qr, cardSeries: [{ id: 'own', prefix: '99', length: 13, check: 'mod10' as const }] };
	expect(readBarcode(withCheckDigit('990000000001', 'mod10'), own)).toMatchObject({ kind: 'card', seriesId: 'own' });
});

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));
const anyDigits = fc.stringMatching(/^[0-9]{1,30}$/);

test('the check digit that is added is the only one that passes', () => {
	fc.assert(
		fc.property(anyDigits, (digits) => {
			for (const [check, passes] of [['mod10', hasMod10] as const, ['luhn', hasLuhn] as const]) {
				const right = withCheckDigit(digits, check);
				expect(DIGITS.filter((last) => passes(digits + last))).toEqual([right.at(-1)]);
			}
		}),
	);
	expect(withCheckDigit('123', 'none')).toBe('123');
});

test('one misread digit never passes, of EAN-13 and of Luhn cards', () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[0-9]{12}$/), fc.nat(12), fc.integer({ min: 1, max: 9 }), (digits, place, by) => {
			for (const [check, passes] of [['mod10', hasMod10] as const, ['luhn', hasLuhn] as const]) {
				const right = withCheckDigit(digits, check);
				const wrong = `${right.slice(0, place)}${(Number(right[place]) + by) % 10}${right.slice(place + 1)}`;
				expect(passes(wrong)).toBe(false);
			}
		}),
	);
});

test('whatever is scanned, the canonical form is a loyalty barcode or nothing, and is its own canonical form', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ maxLength: 70 }), anyDigits, fc.webUrl()), (raw) => {
			const barcode = canonicalBarcode(raw, programme);
			fc.pre(barcode !== null);
			expect(LoyaltyBarcodeSchema.safeParse(barcode).success).toBe(true);
			expect(barcode.includes('=') || canonicalBarcode(barcode, programme) === barcode).toBe(true);
		}),
	);
});

test('every scan has a reading: nothing throws', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (raw) => {
			expect(['card', 'wrong_check_digit', 'coupon', 'book', 'unreadable']).toContain(readBarcode(raw, programme).kind);
		}),
	);
});
