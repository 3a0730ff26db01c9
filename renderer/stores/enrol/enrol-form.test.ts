import { expect, test } from 'vitest';
import { programme } from '../../bridge/scripted/fixtures.ts';
import { consentTermsFor, formFromText, missingParts } from './enrol-form.ts';

const FULL = { barcode: '2900000004823', firstName: 'Márta', lastName: '', mobile: '+36301234567', email: '' };

test('each purpose is asked once, in the language of the terminal', () => {
	expect(consentTermsFor(programme.consents, 'hu').map((term) => [term.purpose, term.language])).toEqual([
		['terms', 'hu'],
		['email', 'hu'],
		['sms', 'hu'],
	]);
});

test('a language without a wording gets the programme’s first', () => {
	expect(consentTermsFor(programme.consents, 'de').map((term) => term.language)).toEqual(['en', 'en', 'en']);
});

test.each([
	[FULL, { terms: true }, []],
	[{ ...FULL, firstName: ' ', lastName: 'Szabó' }, { terms: true }, ['name']],
	[{ ...FULL, mobile: '', email: 'm@example.hu' }, { terms: true }, []],
	[{ ...FULL, barcode: '' }, { terms: true }, ['card']],
	[{ ...FULL, firstName: '' }, { terms: true }, ['name']],
	[{ ...FULL, mobile: '' }, { terms: true }, ['contact']],
	[FULL, { terms: false, email: true }, ['terms']],
	[{ barcode: '', firstName: '', lastName: '', mobile: '', email: '' }, {}, ['card', 'name', 'contact', 'terms']],
])('%o with %o lacks %o', (form, granted, missing) => {
	expect(missingParts(form, granted, consentTermsFor(programme.consents, 'en'))).toEqual(missing);
});

test.each([
	['nagy.eva@example.hu', { email: 'nagy.eva@example.hu' }],
	['+36 30 123 4567', { mobile: '+36 30 123 4567' }],
	['06 (30) 123-456', { mobile: '06 (30) 123-456' }],
	['Márta', { firstName: 'Márta', lastName: '' }],
	['Anna Mária Szabó', { firstName: 'Anna Mária', lastName: 'Szabó' }],
	['2900', {}],
	['B12', {}],
])('%s fills %o', (text, form) => {
	expect(formFromText(text)).toEqual(form);
});
