import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Identification } from '#shared/bridge/member-card.ts';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import { card, memberId, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { enrol } from '../enrolment/enrol.ts';
import { identify, openMember } from './identify.ts';

const COUPON = withCheckDigit('990000000001', 'mod10');
const BOOK = '9783161484100';

const ROWS = [
	memberRow({
		id: 'EVA',
		card: card(1),
		name: ['Éva', 'Nagy'],
		mobile: '+36201112233',
		email: 'nagy.eva@example.com',
		points: 3840,
		aliases: [
			['PASS-000001', 'pass', 'active'],
			[card(901), 'old_card', 'replaced'],
			['upper-And-lower', 'card', 'active'],
		],
		profile: { language: 'hu' },
	}),
	memberRow({ id: 'BENCE', card: card(2), name: ['Bence', 'Kiss'], mobile: '+36207654321', email: 'bence@example.com' }),
	memberRow({ id: 'BENCE2', card: card(3), name: ['Bence', 'Kis'], mobile: '+36207654322', email: 'bence@example.com.au' }),
	memberRow({ id: 'BLOCKED', card: card(4), cardStatus: 'blocked', name: ['Zsófia', 'Tóth'], mobile: '+36301112233' }),
	memberRow({ id: 'SUSPENDED', card: card(5), status: 'suspended', name: ['Ödön', 'Szabó'] }),
	memberRow({ id: 'NAMELESS', card: card(6), mobile: '+36309998877' }),
	memberRow({ id: 'LOSER', status: 'merged', mergedInto: 'MIDDLE', ver: 3 }),
	memberRow({ id: 'MIDDLE', status: 'merged', mergedInto: 'EVA', ver: 3 }),
	memberRow({ id: 'LOST', status: 'merged', mergedInto: 'NOT-HERE-YET' }),
	memberRow({ id: 'CIRCLE', status: 'merged', mergedInto: 'CIRCLE' }),
	memberRow({ id: 'GONE', status: 'opted_out' }),
	memberRow({ id: 'STUB', status: 'stub', card: card(7), points: 41 }),
	memberRow({ id: 'ARABIC', card: card(8), name: ['فاطمة', 'القرشي'] }),
	...Array.from({ length: 25 }, (_, index) =>
		memberRow({ id: `MANY-${index}`, card: card(100 + index), name: ['Many', `Person ${index}`] }),
	),
];

let fake: FakeContext;

beforeAll(async () => {
	fake = await openFakeContext(ROWS);
	fake.world.cashier = null;
	const form = { barcode: card(50), firstName: 'Új', lastName: 'Tag', mobile: '06 30 555 1234', email: 'uj.tag@example.com' };
	orThrow(
		await enrol(fake.context, {
			requestId: requestId(1),
			form,
			consents: [{ purpose: 'terms', granted: true, version: 1, language: 'hu' }],
		}),
	);
});
afterAll(async () => fake.close());

/** The answer in a word: whom it leads to, or what it says. */
function summary(of: Identification): string {
	switch (of.kind) {
		case 'found':
			return `found ${of.member.name ?? of.member.memberId}`;
		case 'several':
			return `several ${of.members.map(({ name }) => name).join(', ')}${of.hasMore ? ', …' : ''}`;
		case 'unknown_card':
			return `unknown_card ${of.barcode}`;
		case 'blocked_card':
			return `${of.cardStatus} ${of.member.name}`;
		case 'unreadable':
			return `unreadable ${of.reason}`;
		default:
			return of.kind;
	}
}

async function ask(text: string, source: 'scan' | 'typed'): Promise<string> {
	return summary(orThrow(await identify(fake.context, { text, source })));
}

test.each([
	['a card', card(1), 'found Nagy Éva'],
	['a card with the scanner’s line end', `${card(1)}\r\n`, 'found Nagy Éva'],
	['a pass', 'PASS-000001', 'found Nagy Éva'],
	['a pass in small letters', 'pass-000001', 'found Nagy Éva'],
	['a barcode that was stored in mixed letters', 'upper-And-lower', 'found Nagy Éva'],
	['a QR of our host', `https://card.regulars.example/m?card=${card(1)}`, 'found Nagy Éva'],
	['a QR of another host', `https://evil.example/m?card=${card(1)}`, 'unreadable characters'],
	['a replaced card', card(901), 'replaced Nagy Éva'],
	['a blocked card', card(4), 'blocked Tóth Zsófia'],
	['the card of a suspended member', card(5), 'found Ödön Szabó'],
	['the card of a member without a name', card(6), 'found NAMELESS'],
	['the card of a stub', card(7), 'found STUB'],
	['the card of a member enrolled here', card(50), 'found Tag Új'],
	['a card that nobody has', card(999_999), `unknown_card ${card(999_999)}`],
	['a misread card', `${card(1).slice(0, -1)}${(Number(card(1).at(-1)) + 1) % 10}`, 'wrong_check_digit'],
	['a coupon', COUPON, 'coupon'],
	['a book', BOOK, 'book'],
	['two characters', 'ab', 'unreadable too_short'],
	['65 characters', 'x'.repeat(65), 'unreadable too_long'],
	['control characters', '2900\u00010000', 'unreadable characters'],
	['a mobile number on a scanned leaflet is no search', '+36201112233', 'unknown_card +36201112233'],
])('scanned: %s (%j) → %s', async (_what, text, answer) => {
	expect(await ask(text, 'scan')).toBe(answer === 'blocked Tóth Zsófia' ? 'blocked Zsófia Tóth' : answer);
});

test.each([
	['a card', card(1), 'found Nagy Éva'],
	['a card with spaces', card(1).replaceAll(/(\d{4})/g, '$1 '), 'found Nagy Éva'],
	['a blocked card', card(4), 'blocked Zsófia Tóth'],
	['a mobile number', '06 20 111 2233', 'found Nagy Éva'],
	['a mobile number with its country', '+36 20 111-2233', 'found Nagy Éva'],
	['the beginning of two mobile numbers', '0620765', 'several Bence Kiss, Bence Kis'],
	['the mobile number of a member enrolled here', '0630 555 1234', 'found Tag Új'],
	['an address', 'nagy.eva@example.com', 'found Nagy Éva'],
	['an address in capitals', 'NAGY.EVA@EXAMPLE.COM', 'found Nagy Éva'],
	['an address that begins another', 'bence@example.com', 'found Bence Kiss'],
	['the beginning of two addresses', 'bence@', 'several Bence Kiss, Bence Kis'],
	['the address of a member enrolled here', 'uj.tag@', 'found Tag Új'],
	['a last name without accents', 'toth', 'found Zsófia Tóth'],
	['both names in either order', 'nagy éva', 'found Nagy Éva'],
	['beginnings of both names', 'be ki', 'several Bence Kis, Bence Kiss'],
	['the name of a member enrolled here', 'Új', 'found Tag Új'],
	['a name in another script', 'فاطمة', 'found فاطمة القرشي'],
	['the end of a card', card(2).slice(-5), 'found Bence Kiss'],
	['a name that nobody has', 'Xaver', 'nobody'],
	['an address that nobody has', 'x@example.com', 'nobody'],
	['a mobile number that nobody has', '06 70 999 8877', 'nobody'],
	['two digits', '06', 'nobody'],
	['a card that nobody has', card(999_999), `unknown_card ${card(999_999)}`],
	['a mistyped card', `${card(1).slice(0, -1)}${(Number(card(1).at(-1)) + 1) % 10}`, 'wrong_check_digit'],
	['a coupon', COUPON, 'coupon'],
	['a book', BOOK, 'book'],
	['a card of no series', 'AB-123456/7', 'unknown_card AB-123456/7'],
	['white space', '   ', 'unreadable too_short'],
	['signs alone', '?!*', 'unreadable characters'],
])('typed: %s (%j) → %s', async (_what, text, answer) => {
	expect(await ask(text, 'typed')).toBe(answer);
});

test('a list has twenty lines and says that there are more', async () => {
	const answer = orThrow(await identify(fake.context, { text: 'many', source: 'typed' }));
	expect(answer).toMatchObject({ kind: 'several', hasMore: true });
	expect(answer.kind === 'several' ? answer.members.length : 0).toBe(20);
});

test('lines tell people of one name apart and give away no more', async () => {
	const answer = orThrow(await identify(fake.context, { text: 'be ki', source: 'typed' }));
	expect(answer.kind === 'several' ? answer.members[1] : null).toEqual({
		memberId: 'BENCE',
		name: 'Bence Kiss',
		tierId: 'basic',
		points: 0,
		cardEnd: card(2).slice(-4),
		mobileEnd: '321',
		emailMasked: 'b•••@example.com',
		memberSinceMs: null,
		isLocal: false,
	});
});

test.each([
	['LOSER', 'EVA'],
	['MIDDLE', 'EVA'],
	['EVA', 'EVA'],
	['STUB', 'STUB'],
	['LOST', null],
	['CIRCLE', null],
	['GONE', null],
	['NEVER-WAS', null],
])('opening %s shows %s', async (id, shown) => {
	const opened = await openMember(fake.context, { memberId: memberId(id) });
	expect(opened.ok ? opened.value.memberId : null).toBe(shown);
	expect(opened.ok ? null : opened.error.code).toBe(shown === null ? 'MEMBER-104' : null);
});

test('nobody who opted out is found by anything', async () => {
	const other = await openFakeContext([
		memberRow({ id: 'HERE', card: card(1), name: ['Anna', 'Kiss'], mobile: '+36201112233', email: 'a@example.com' }),
	]);
	await other.change([memberRow({ id: 'HERE', ver: 2, status: 'opted_out' })]);
	for (const text of [card(1), 'anna', '0620 111 2233', 'a@example.com', card(1).slice(-6)]) {
		const answer = orThrow(await identify(other.context, { text, source: 'typed' }));
		expect(['nobody', 'unknown_card', 'wrong_check_digit']).toContain(answer.kind);
	}
	await other.close();
});

test('an answer of nobody says how old the members are, and whether they are still being loaded', async () => {
	const empty = await openFakeContext();
	expect(orThrow(await identify(empty.context, { text: card(1), source: 'scan' }))).toEqual({
		kind: 'unknown_card',
		barcode: card(1),
		asOfMs: 0,
		isLoading: true,
	});
	expect(orThrow(await identify(empty.context, { text: 'anna', source: 'typed' }))).toEqual({ kind: 'nobody', asOfMs: 0, isLoading: true });
	await empty.load([]);
	expect(orThrow(await identify(empty.context, { text: card(1), source: 'scan' }))).toMatchObject({ asOfMs: NOON_MS, isLoading: false });
	await empty.close();
});

test('before the first contact barcodes are found as they are, and nothing throws', async () => {
	const unpaired = await openFakeContext();
	Object.assign(unpaired.world, { programme: null, identity: null });
	for (const text of [card(1), '0620 111 2233', 'a@b', 'Éva', 'https://card.regulars.example/m?card=1', '\u0000']) {
		for (const source of ['scan', 'typed'] as const) expect((await identify(unpaired.context, { text, source })).ok).toBe(true);
	}
	await unpaired.close();
});
