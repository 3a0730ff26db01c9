import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import { checkLedger } from './check-ledger.ts';
import { TERMINALS, openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';
import { readOutcomes } from './outcomes.ts';

let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
});
afterAll(() => shop.hq.close());
beforeEach(() => shop.reset());

const enrol = (id = 'M', data: object = {}) => shop.event('opt_in', { ...data }, { customer: id });

describe('one push', () => {
	test('enrols and earns, answers by position and by id, and keeps the books', async () => {
		const items = [shop.event('checkout', saleData('S-1')), enrol()];
		const answer = await shop.push(items);
		expect(PushResponseSchema.parse(answer)).toEqual(answer);
		expect(answer).toMatchObject({ total: 2, errors: 0, hq_epoch: 1, server_time: shop.context.clock.nowMs() });
		expect(answer.results).toEqual([
			{
				event_id: items[0]?.['event_id'],
				status: 'applied',
				applied_to: 'M',
				applied_ver: 1,
				points: 41,
				events: [{ id: items[0]?.['event_id'], action: 'checkout', points: 41 }],
			},
			{ event_id: items[1]?.['event_id'], status: 'applied', applied_to: 'M', applied_ver: 1, points: 0, events: [] },
		]);
		expect(await shop.member('M')).toMatchObject({ points: 41, ver: 1, status: 'active', purchaseCount: 1 });
		expect(await shop.rows('SELECT shard, member_id FROM change_staging')).toEqual([{ shard: expect.any(Number), member_id: 'M' }]);
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, members: 41, events: 41, entries: 41 });
	});

	test('raises the version once for all events of a member, and tells the publisher', async () => {
		let announced = 0;
		const stop = shop.context.onStaged(() => (announced += 1));
		await shop.send(enrol());
		const { results } = await shop.push([1, 2, 3].map((index) => shop.event('checkout', saleData(`S-${index}`))));
		expect(results.map((result) => result.applied_ver)).toEqual([2, 2, 2]);
		expect(await shop.member('M')).toMatchObject({ ver: 2, points: 123 });
		expect(announced).toBe(2);
		stop();
	});

	test('judges every item on its own', async () => {
		const { results, errors } = await shop.push([
			enrol(),
			{ nonsense: true },
			shop.event('checkout', saleData('S-1', 10)),
			shop.event('dance'),
			shop.event('checkout', saleData('S-2', 10), { customer: 'N' }),
		]);
		expect(results.map((result) => result.status)).toEqual(['applied', 'rejected', 'applied', 'rejected', 'deferred']);
		expect(errors).toBe(3);
		expect(await shop.rows("SELECT status, error->>'code' AS code, payload FROM event WHERE status = 'rejected'")).toEqual([
			{ status: 'rejected', code: String(WIRE_CODES.itemMalformed), payload: null },
		]);
	});

	test('of an operator has no place in an order and no outcome feed', async () => {
		const result = await shop.send({ customer: 'M', action: 'opt_in', data: {} }, { terminal: null });
		expect(result).toMatchObject({ status: 'applied', applied_to: 'M' });
		expect(await shop.rows('SELECT terminal, seq, result_no FROM event')).toEqual([{ terminal: null, seq: null, result_no: null }]);
	});
});

describe('the same event again', () => {
	test('is answered from the stored outcome and changes nothing', async () => {
		const items = [enrol(), shop.event('checkout', saleData('S-1'))];
		const first = await shop.push(items);
		const second = await shop.push(items);
		expect(second.results).toEqual(first.results.map((result) => ({ ...result, status: 'duplicate' })));
		expect(second.errors).toBe(0);
		expect(await shop.member('M')).toMatchObject({ points: 41, ver: 1 });
	});

	test('within one request counts once', async () => {
		const sale = shop.event('checkout', saleData('S-1'));
		const { results } = await shop.push([enrol(), sale, sale]);
		expect(results.map((result) => result.status)).toEqual(['applied', 'applied', 'duplicate']);
		expect(await shop.member('M')).toMatchObject({ points: 41 });
	});

	test('with another place, age and force is the same event', async () => {
		await shop.send(enrol());
		const sale = shop.event('checkout', saleData('S-1'));
		await shop.send(sale);
		expect((await shop.send({ ...sale, seq: 77, age_ms: 9, force_stub: true }, { incarnation: 'ffffffffffffffff' })).status).toBe(
			'duplicate',
		);
	});

	test('with other content is a mismatch, and nothing is stored', async () => {
		await shop.send(enrol());
		const sale = shop.event('checkout', saleData('S-1'));
		await shop.send(sale);
		const result = await shop.send({ ...sale, data: saleData('S-1', 99) });
		expect(result).toMatchObject({ status: 'mismatch', error: { code: WIRE_CODES.contentMismatch } });
		expect(await shop.member('M')).toMatchObject({ points: 41 });
	});

	test('stays refused once it was refused', async () => {
		await shop.send(enrol());
		const refund = shop.event('refund', { transaction_id: 'S-9' }, { force_stub: true });
		expect((await shop.send(refund)).error?.code).toBe(WIRE_CODES.refundNotAccepted);
		await shop.send(shop.event('checkout', saleData('S-9')));
		expect((await shop.send(refund)).error?.code).toBe(WIRE_CODES.refundNotAccepted);
	});

	test('after one in a place that is taken is a fork too, so that it does not overtake that one', async () => {
		const first = shop.event('opt_in');
		await shop.push([first]);
		const forked = { ...shop.event('opt_out'), seq: first['seq'] };
		const later = shop.event('point_add', { points: 5 });
		expect((await shop.push([forked, later])).results.map((result) => result.status)).toEqual(['fork', 'fork']);
		const again = await shop.push([forked, later], { incarnation: 'fedcba9876543210' });
		expect(again.results.map((result) => result.status)).toEqual(['applied', 'rejected']);
	});

	test('in a place that another event has is a fork, and can be sent under a new incarnation', async () => {
		await shop.send(enrol());
		const [first, second] = ['S-1', 'S-2'].map((id) => ({ ...shop.event('checkout', saleData(id)), seq: 5 }));
		await shop.send(first ?? {});
		expect(await shop.send(second ?? {})).toMatchObject({ status: 'fork', error: { code: WIRE_CODES.sequenceForked } });
		expect((await shop.send(second ?? {}, { incarnation: 'ffffffffffffffff' })).status).toBe('applied');
	});
});

describe('the same sale under another event id', () => {
	beforeEach(() => shop.send(enrol()));

	test('with the same content points at the first', async () => {
		const first = shop.event('checkout', saleData('S-1'));
		await shop.send(first);
		const again = shop.event('checkout', saleData('S-1'));
		expect(await shop.send(again)).toMatchObject({
			event_id: again['event_id'],
			status: 'duplicate',
			applied_to: 'M',
			applied_ver: 2,
			points: 41,
			events: [{ id: first['event_id'] }],
		});
		expect(await shop.member('M')).toMatchObject({ points: 41 });
	});

	test('in one request points at the first too', async () => {
		const { results } = await shop.push([shop.event('checkout', saleData('S-1')), shop.event('checkout', saleData('S-1'))]);
		expect(results.map((result) => result.status)).toEqual(['applied', 'duplicate']);
	});

	test('with other content is refused for good', async () => {
		await shop.send(shop.event('checkout', saleData('S-1')));
		const other = shop.event('checkout', saleData('S-1', 12));
		expect((await shop.send(other)).error?.code).toBe(WIRE_CODES.transactionIdUsed);
		expect((await shop.send(other)).status).toBe('rejected');
	});

	test('of a plain client is refused as Antavo does, and not stored', async () => {
		const plain = { customer: 'M', action: 'checkout', data: saleData('S-1') };
		expect((await shop.send(plain, { terminal: null })).status).toBe('applied');
		expect((await shop.send(plain, { terminal: null })).error?.code).toBe(WIRE_CODES.transactionIdUsed);
		expect(await shop.rows("SELECT 1 FROM event WHERE status = 'rejected'")).toEqual([]);
	});
});

describe('outcomes', () => {
	test('are numbered per terminal without gaps, deferred ones excluded', async () => {
		await shop.push([enrol(), shop.event('checkout', saleData('S-1')), shop.event('checkout', saleData('S-2'), { customer: 'unknown' })]);
		await shop.send(shop.event('checkout', saleData('S-3'), { seq: 1 }), { terminal: 'T2' });
		await shop.send(shop.event('refund', { transaction_id: 'S-3' }));
		const page = await readOutcomes(shop.context, { terminal: TERMINALS.T1, after: 0 });
		expect(page.results.map((result) => [result.result_no, result.status, result.points])).toEqual([
			[1, 'applied', 0],
			[2, 'applied', 41],
			[3, 'applied', -41],
		]);
		expect(page).toMatchObject({ next: 3, has_more: false });
		expect((await readOutcomes(shop.context, { terminal: TERMINALS.T1, after: 2 })).results).toHaveLength(1);
		expect((await readOutcomes(shop.context, { terminal: TERMINALS.T2, after: 0 })).results.map((result) => result.result_no)).toEqual([1]);
		expect(await readOutcomes(shop.context, { terminal: TERMINALS.T1, after: 3 })).toMatchObject({ results: [], next: 3 });
	});
});

describe('time', () => {
	test('is corrected by the skew of the request, which is remembered', async () => {
		const sentAt = shop.context.clock.nowMs();
		await shop.send(enrol());
		expect(await shop.rows('SELECT clock_skew_ms, effective_at FROM event')).toEqual([{ clock_skew_ms: 0, effective_at: sentAt }]);
		expect(await shop.rows("SELECT clock_skew_ms FROM terminal WHERE code = 'T1'")).toEqual([{ clock_skew_ms: 0 }]);
	});
});

test('a value that the database refuses costs only its own item', async () => {
	// A constraint that nothing in the ledger knows of stands for a bug.
	await shop.context.database.exec('ALTER TABLE sale ADD CONSTRAINT no_sale_13 CHECK (amount_minor <> 1300)');
	try {
		const { results } = await shop.push([
			enrol(),
			shop.event('checkout', saleData('S-1', 12)),
			shop.event('checkout', saleData('S-2', 13)),
			shop.event('checkout', saleData('S-3', 14)),
		]);
		expect(results.map((result) => [result.status, result.error?.code])).toEqual([
			['applied', undefined],
			['applied', undefined],
			['deferred', WIRE_CODES.internal],
			['applied', undefined],
		]);
		expect((await readOutcomes(shop.context, { terminal: TERMINALS.T1, after: 0 })).results.map((result) => result.result_no)).toEqual([
			1, 2, 3,
		]);
	} finally {
		await shop.context.database.exec('ALTER TABLE sale DROP CONSTRAINT no_sale_13');
	}
	expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, members: 26 });
});

test('the check finds a balance that its entries do not explain', async () => {
	await shop.push([enrol(), shop.event('checkout', saleData('S-1'))]);
	await shop.context.database.exec("UPDATE member SET points = points + 1, earned = earned + 1 WHERE id = 'M'");
	expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: false, members: 42, events: 41, wrongMembers: ['M'] });
});
