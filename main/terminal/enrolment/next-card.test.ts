import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { readBarcode } from '#shared/domain/loyalty-barcode.ts';
import type { CardSeries } from '#shared/domain/programme.ts';
import { must } from '#shared/lib/assert.ts';
import { card, memberRow, openFakeContext, orThrow, PROGRAMME, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { enrol } from './enrol.ts';
import { cardNumberOf, cardOf, nextCard } from './next-card.ts';

const FIRST = 2_000_000_000;
let fake: FakeContext;
beforeEach(async () => {
	fake = await openFakeContext([]);
});
afterEach(async () => fake.close());

let requests = 0;
async function giveOut(barcode: string): Promise<void> {
	requests += 1;
	const form = { barcode, firstName: 'Ágnes', lastName: '', mobile: '', email: 'agnes@example.org' };
	orThrow(
		await enrol(fake.context, {
			requestId: requestId(requests),
			form,
			consents: [{ purpose: 'terms', granted: true, version: 1, language: 'en' }],
		}),
	);
}

async function next(): Promise<string> {
	const result = await nextCard(fake.context);
	return result.ok ? result.value.barcode : result.error.code;
}

test('asking does not use a card up, an enrolment does', async () => {
	expect(await next()).toBe(card(FIRST));
	expect(await next()).toBe(card(FIRST));
	await giveOut(card(FIRST));
	expect(await next()).toBe(card(FIRST + 1));
	await fake.restart();
	expect(await next()).toBe(card(FIRST + 1));
});

test('a card of the block that was given out ahead of its turn is passed over', async () => {
	await giveOut(card(FIRST + 1));
	expect(await next()).toBe(card(FIRST + 2));
});

test('a terminal that lost its outbox passes over what headquarters has as members', async () => {
	await fake.load([
		memberRow({ id: 'A', card: card(FIRST) }),
		memberRow({ id: 'B', card: null, aliases: [[card(FIRST + 1), 'old_card', 'replaced']] }),
	]);
	expect(await next()).toBe(card(FIRST + 2));
});

test('a pre-printed card of elsewhere does not move the place in the block', async () => {
	await giveOut(card(50));
	expect(await next()).toBe(card(FIRST));
});

test('a block that is used up, or missing, is ENROL-105', async () => {
	for (let number = FIRST; number <= FIRST + 4; number += 1) await giveOut(card(number));
	expect(await next()).toBe('ENROL-105');
	fake.world.identity = { ...must(fake.world.identity, 'an identity'), cardBlock: null };
	expect(await next()).toBe('ENROL-105');
	fake.world.identity = null;
	expect(await next()).toBe('LINE-101');
});

const series: readonly CardSeries[] = [
	{ id: 'ean', prefix: '29', length: 13, check: 'mod10' },
	{ id: 'luhn', prefix: '60', length: 16, check: 'luhn' },
	{ id: 'text', prefix: 'VIP', length: 8, check: 'none' },
];

test.each([
	['29', 1, '2900000000018'],
	['2955', 12, '2955000000124'],
	['60', 42, '6000000000000429'],
	['VIP', 42, 'VIP00042'],
	['77', 42, '770042'],
	['VIP', 100_000, null],
])('block %s, number %i: %s', (prefix, number, barcode) => {
	expect(cardOf({ prefix, first: 0, last: 9999 }, number, series)).toBe(barcode);
});

test('a card of the block tells its number, any other card none', () => {
	fc.assert(
		fc.property(fc.constantFrom('29', '2955', '60', 'VIP', '77'), fc.integer({ min: 0, max: 9999 }), (prefix, number) => {
			const block = { prefix, first: 100, last: 9000 };
			const barcode = must(cardOf(block, number, series), 'a card');
			expect(cardNumberOf(block, barcode, series)).toBe(number >= 100 && number <= 9000 ? number : null);
			expect(readBarcode(barcode, { ...PROGRAMME, cardSeries: [...series] }).kind === 'card' || prefix === '77').toBe(true);
		}),
	);
	for (const other of ['2900000000019', '4006381333931', 'VIP', '29', 'VIP0004X']) {
		const barcode = LoyaltyBarcodeSchema.safeParse(other);
		expect(barcode.success ? cardNumberOf({ prefix: '29', first: 0, last: 9999 }, barcode.data, series) : null).toBeNull();
	}
});
