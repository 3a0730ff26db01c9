import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { findMemberByBarcode } from './find-member.ts';
import { openFakeShop, saleData, TERMINALS } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';
import { readOwnEvents } from './own-events.ts';

/**
 * After an opt-out copies of one event differ: the terminal has emptied its enrolments, headquarters what it hands back, and a backup has all.
 * They meet when headquarters was restored to before the opt-out.
 */
let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
});
afterAll(() => shop.hq.close());
beforeEach(() => shop.reset());

type Item = ReturnType<FakeShop['event']>;

const CARD = '2900000000018';
const ANN = { first_name: 'Ann', last_name: 'Lee', email: 'ann.lee@example.com', mobile_phone: '+36201234567' };
const CONSENT = { purpose: 'terms', granted: true, version: 1, language: 'en', at: 5 };
const byCard = { customer: CARD, external_id: 'loyalty_barcode' };
const enrol = (data: object = ANN): Item => shop.event('opt_in', { loyalty_barcode: CARD, consents: [CONSENT], cashier: 'eva-k', ...data });
const emptied = (item: Item): Item => ({ ...item, data: {} });
const statuses = async (items: readonly Item[], terminal: 'T1' | 'T2' = 'T1'): Promise<string[]> =>
	(await shop.push(items, { terminal, incarnation: 'ffffffffffffff00' })).results.map(({ status }) => status);

describe('an enrolment whose names are gone in one copy', () => {
	test('counts once when the copy without names comes first, and the names are not written any more', async () => {
		const full = enrol();
		expect((await shop.send(emptied(full))).status).toBe('applied');
		expect((await shop.send(full)).status).toBe('duplicate');
		expect(await shop.member('M')).toMatchObject({ status: 'active', firstName: null, card: null });
		expect(JSON.stringify(await shop.rows('SELECT * FROM event'))).not.toMatch(/Ann|Lee|3620/);
	});

	test('counts once when it comes second, and the names go with the opt-out when that comes again', async () => {
		const full = enrol();
		await shop.send(full);
		expect((await shop.send(emptied(full))).status).toBe('duplicate');
		expect(await shop.member('M')).toMatchObject({ firstName: 'Ann' });
		await shop.send(shop.event('opt_out'));
		expect(JSON.stringify(await shop.rows('SELECT * FROM event'))).not.toMatch(/Ann|Lee|3620/);
		expect([(await shop.send(full)).status, (await shop.send(emptied(full))).status]).toEqual(['duplicate', 'duplicate']);
		expect(await shop.member('M')).toMatchObject({ status: 'opted_out', firstName: null });
	});

	test('is not taken for another kind of event', async () => {
		const full = enrol();
		await shop.send(full);
		const changed = { ...full, action: 'profile', data: {} };
		expect((await shop.send(changed)).status).toBe('mismatch');
	});
});

test('no hash is left by which a guess at a name could be checked', async () => {
	await shop.send(enrol());
	await shop.send(shop.event('opt_out'));
	// Refused since the person has left: never stored with a hash in the first place.
	expect((await shop.send(enrol())).status).toBe('rejected');
	expect(await shop.rows(`SELECT DISTINCT content_hash FROM event WHERE action = 'opt_in'`)).toEqual([{ content_hash: '' }]);
});

test('two enrolments that have their names are a mismatch under one id', async () => {
	const full = enrol();
	await shop.send(full);
	expect((await shop.send({ ...full, data: { ...ANN, first_name: 'Bea' } })).status).toBe('mismatch');
	expect(await shop.member('M')).toMatchObject({ firstName: 'Ann' });
});

describe('what headquarters hands back after an opt-out', () => {
	/** The events of a shop in which M has left: as they were recorded, and as headquarters has them now. */
	async function leave(): Promise<{ readonly full: readonly Item[]; readonly handedBack: readonly Item[] }> {
		const sale = shop.event('checkout', { ...saleData('S-1'), receipt_number: 'R-1', note: 'for Ann' }, byCard);
		const full = [
			enrol(),
			sale,
			shop.event('profile', { first_name: 'Annie', cashier: 'eva-k' }),
			shop.event('point_add', { points: 5, reason: 'birthday of Ann' }),
			shop.event('refund', { transaction_id: 'S-1' }, byCard),
		];
		expect(await statuses(full)).toEqual(full.map(() => 'applied'));
		await shop.send(shop.event('opt_out'));
		const { events } = await readOwnEvents(shop.context, { terminal: TERMINALS.T1, after: 0 });
		const handedBack = events.map(({ event }): Item => event).slice(0, full.length);
		expect(JSON.stringify(handedBack)).not.toMatch(/Ann|R-1|2900000000018/);
		return { full, handedBack };
	}

	/** Restored to the moment at which the member had joined, and nothing else. */
	async function restore(): Promise<void> {
		await shop.reset();
		await shop.push([{ ...shop.event('opt_in', { loyalty_barcode: CARD }), seq: 900 }], { terminal: 'T2' });
		expect((await findMemberByBarcode(shop.context, CARD))?.id).toBe('M');
	}

	test('is the same as what was recorded, whichever comes first', async () => {
		const { full, handedBack } = await leave();
		for (const [first, second] of [
			[full, handedBack],
			[handedBack, full],
		] as const) {
			await restore();
			expect(await statuses(first)).toEqual(first.map(() => 'applied'));
			expect(await statuses(second)).toEqual(second.map(() => 'duplicate'));
			expect(await statuses(full.map((item) => (item['action'] === 'profile' ? emptied(item) : item)))).toEqual(
				full.map(() => 'duplicate'),
			);
		}
	});

	test('is a mismatch when what is left of it differs', async () => {
		const { full, handedBack } = await leave();
		await restore();
		await statuses(full);
		const [, sale] = handedBack;
		const item = must(sale, 'the sale');
		expect(await statuses([{ ...item, data: saleData('S-1', 99) }])).toEqual(['mismatch']);
		expect(await statuses([{ ...item, data: saleData('S-2') }])).toEqual(['mismatch']);
	});
});

describe('an event that was stored with the earlier hash', () => {
	// What was stored: SHA-256 of the whole event as JSON with sorted keys.
	const store = async ({ event_id: id, action, customer }: Item, sortedData: object): Promise<unknown> => {
		const hash = createHash('sha256').update(JSON.stringify({ action, customer, data: sortedData }));
		return shop.rows('UPDATE event SET content_hash = $2 WHERE event_id = $1', [id, hash.digest('hex')]);
	};

	test('is recognised, and another one under its id is too', async () => {
		const { email, first_name, last_name, mobile_phone } = ANN;
		const full = shop.event('opt_in', ANN);
		await shop.send(full);
		await store(full, { email, first_name, last_name, mobile_phone });
		expect((await shop.send(full)).status).toBe('duplicate');
		expect((await shop.send(emptied(full))).status).toBe('duplicate');
		expect((await shop.send({ ...full, data: { ...ANN, first_name: 'Bea' } })).status).toBe('mismatch');
		const sale = shop.event('checkout', saleData('S-1'));
		await shop.send(sale);
		await store(sale, { currency: 'EUR', total: 41.9, transaction_id: 'S-1' });
		expect((await shop.send(sale)).status).toBe('duplicate');
		expect((await shop.send({ ...sale, data: saleData('S-1', 99) })).status).toBe('mismatch');
		await shop.rows('UPDATE sale SET content_hash = (SELECT content_hash FROM event WHERE event.event_id = sale.event_id)');
		expect((await shop.send(shop.event('checkout', saleData('S-1')))).status).toBe('duplicate');
	});
});
