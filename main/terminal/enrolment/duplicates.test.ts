import { afterAll, beforeAll, expect, test } from 'vitest';
import { card, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { findDuplicates } from './duplicates.ts';
import { enrol } from './enrol.ts';

const EMPTY = { barcode: '', firstName: '', lastName: '', mobile: '', email: '' };
const ROWS = [
	memberRow({ id: 'AGNES', card: card(1), name: ['Ágnes', 'Kovács'], mobile: '+36301234567', email: 'agnes@example.org' }),
	memberRow({ id: 'ANNA', card: card(2), name: ['Anna', 'Kovács'], mobile: '+36301234000', email: 'agnes.b@example.org' }),
	memberRow({ id: 'KOVATS', name: ['Agnes', 'Kováts'] }),
	memberRow({ id: 'SWAPPED', name: ['Kovács', 'Ágnes'] }),
	memberRow({ id: 'STUB', status: 'stub', card: card(7) }),
	memberRow({ id: 'SOREN', name: ['Søren', 'Østergård'] }),
	...Array.from({ length: 12 }, (_, index) =>
		memberRow({ id: `TWIN-${index}`, name: ['Tamás', 'Ikrek'], mobile: `+3670555${1000 + index}` }),
	),
];

let fake: FakeContext;
beforeAll(async () => {
	fake = await openFakeContext(ROWS);
	const form = { ...EMPTY, firstName: 'Zoltán', lastName: 'Helyi', mobile: '06 20 999 8877', email: 'zoli@example.org', barcode: card(50) };
	orThrow(
		await enrol(fake.context, {
			requestId: requestId(1),
			form,
			consents: [{ purpose: 'terms', granted: true, version: 1, language: 'hu' }],
		}),
	);
});
afterAll(async () => fake.close());

async function suspects(form: Partial<typeof EMPTY>): Promise<readonly string[]> {
	const answer = orThrow(await findDuplicates(fake.context, { ...EMPTY, ...form }));
	return answer.suspects.map(({ memberId, name, isLocal, because }) => `${because} ${isLocal ? name : memberId}`);
}

test.each([
	['nothing typed', {}, []],
	['a card that somebody has', { barcode: card(1) }, ['card AGNES']],
	['the card of a stub', { barcode: card(7) }, []],
	['a free card', { barcode: card(999) }, []],
	['a whole mobile number', { mobile: '06 30 123 4567' }, ['mobile AGNES']],
	['a mobile number as far as it is typed', { mobile: '06 30 123 4' }, ['mobile ANNA', 'mobile AGNES']],
	['too little of a mobile number', { mobile: '0630' }, []],
	['a whole address', { email: 'Agnes@EXAMPLE.org' }, ['email AGNES']],
	['an address as far as it is typed', { email: 'agnes' }, ['email ANNA', 'email AGNES']],
	['too little of an address', { email: 'agn' }, []],
	['a first name alone', { firstName: 'Ágnes' }, []],
	['a name, a slip and the other order', { firstName: 'agnes', lastName: 'kovacs' }, ['name AGNES', 'name SWAPPED', 'name KOVATS']],
	['a name with letters that do not come apart', { firstName: 'Søren', lastName: 'Østergard' }, ['name SOREN']],
	['another first name', { firstName: 'Ágoston', lastName: 'Kovács' }, []],
	['a name half typed', { firstName: 'Ág', lastName: 'K' }, []],
	['one enrolled here, by mobile', { mobile: '0620 999 88' }, ['mobile Zoltán Helyi']],
	['one enrolled here, by address', { email: 'zoli@' }, ['email Zoltán Helyi']],
	['one enrolled here, by name', { firstName: 'Zoltan', lastName: 'Helyi' }, ['name Zoltán Helyi']],
	['one enrolled here, by card', { barcode: card(50) }, ['card Zoltán Helyi']],
	['signs and control characters', { firstName: '\u0000\u0000', lastName: '%%', mobile: '((((((((', email: '@@@@@' }, []],
])('%s: %j → %j', async (_what, form, expected) => {
	const found = await suspects(form);
	expect(found.map((suspect) => suspect.replace('Helyi Zoltán', 'Zoltán Helyi'))).toEqual(expected);
});

test('each person is named once, with the strongest reason, the surest first', async () => {
	const form = { barcode: card(2), firstName: 'Ágnes', lastName: 'Kovács', mobile: '+36301234567', email: 'agnes@example.org' };
	expect(await suspects(form)).toEqual(['card ANNA', 'mobile AGNES', 'name SWAPPED', 'name KOVATS']);
});

test('of two with the same reason the one with the more similar name comes first', async () => {
	expect(await suspects({ mobile: '06 30 123 4', firstName: 'Anna' })).toEqual(['mobile ANNA', 'mobile AGNES']);
	expect(await suspects({ mobile: '06 30 123 4', firstName: 'Agnes' })).toEqual(['mobile AGNES', 'mobile ANNA']);
});

test('at most five are named', async () => {
	expect(await suspects({ firstName: 'Tamás', lastName: 'Ikrek' })).toHaveLength(5);
});

test('a whole number comes before the beginning of others', async () => {
	expect((await suspects({ mobile: '+36705551007', firstName: 'Tamás', lastName: 'Ikrek' }))[0]).toBe('mobile TWIN-7');
});
