import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProfileDataSchema } from '#shared/wire/event.ts';
import { mobilePrefix, normaliseEmail, normaliseMobile, normaliseName } from './contacts.ts';

test.each([
	['06 30 123 4567', 'HU', '+36301234567'],
	['30/123-4567', 'HU', '+36301234567'],
	['+36 (30) 123.4567', 'DE', '+36301234567'],
	['0036301234567', 'HU', '+36301234567'],
	['07400 123456', 'GB', '+447400123456'],
	['+47 412 34 567', 'HU', '+4741234567'],
	[' +81 90-1234-5678 ', 'HU', '+819012345678'],
	['0630123456', 'HU', null],
	['06301234567890', 'HU', null],
	['12345', 'HU', null],
	['call 06301234567', 'HU', null],
	['+999123456789', 'HU', null],
	['0630 123 4567', 'XX', null],
	['', 'HU', null],
])('%j typed in %s is the mobile number %j', (text, country, mobile) => {
	expect(normaliseMobile(text, country)).toBe(mobile);
});

test.each([
	['0630 12', 'HU', '+363012'],
	['30 12', 'HU', '+363012'],
	['+3630', 'HU', '+3630'],
	['0036 30', 'HU', '+3630'],
	['06301234567', 'HU', '+36301234567'],
	['Anna', 'HU', null],
	['an@1', 'HU', null],
	['', 'HU', null],
	['0630 12', 'XX', null],
])('%j typed in %s begins %j', (text, country, prefix) => {
	expect(mobilePrefix(text, country)).toBe(prefix);
});

test('each beginning of a number begins the number', () => {
	const whole = '06301234567';
	for (let length = 3; length <= whole.length; length += 1) {
		expect('+36301234567'.startsWith(mobilePrefix(whole.slice(0, length), 'HU') ?? '?')).toBe(true);
	}
});

test.each([
	['Agnes@Example.ORG', 'Agnes@example.org'],
	[' agnes@example.org ', 'agnes@example.org'],
	['agnes@MÜLLER.example', 'agnes@xn--mller-kva.example'],
	['agnes.kovacs+shop@mail.example.co.uk', 'agnes.kovacs+shop@mail.example.co.uk'],
	['agnes@', null],
	['@example.org', null],
	['agnes', null],
	['agnes@example', null],
	['ag nes@example.org', null],
	['agnes@exam ple.org', null],
	['agnes@@example.org', null],
	[`${'x'.repeat(250)}@example.org`, null],
])('%j is the e-mail address %j', (text, email) => {
	expect(normaliseEmail(text)).toBe(email);
});

test.each([
	['  Ágnes  ', 'Ágnes'],
	['A\u0301gnes', 'Ágnes'],
	['Anna\u0000\u0007 Mária', 'Anna Mária'],
	['Anna\tMária\n', 'Anna Mária'],
	['\u202eannA\u202c', 'annA'],
	['Zero\u200bWidth', 'Zero Width'],
	['می\u200cخواهم', 'می\u200cخواهم'],
	['👩‍👩‍👧', '👩‍👩‍👧'],
	['\u0000', null],
	['   ', null],
])('%j is stored as the name %j', (text, name) => {
	expect(normaliseName(text)).toBe(name);
});

test('whatever is typed, what is stored passes the wire, and is stored again as it is', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
			const name = normaliseName(text);
			const mobile = normaliseMobile(text, 'HU');
			const email = normaliseEmail(text);
			expect(ProfileDataSchema.safeParse({ first_name: name?.slice(0, 100), mobile_phone: mobile, email }).success).toBe(true);
			expect(name === null ? null : normaliseName(name)).toBe(name);
		}),
	);
});
