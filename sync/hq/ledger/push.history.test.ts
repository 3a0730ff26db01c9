import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLedger } from './check-ledger.ts';
import { openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

/**
 * I1 (conservation), I2 (at most once), I4 (order) and I9 (idempotence) over random histories: events of two terminals about a handful of
 * members and cards, sent in random batches, some of them twice, in a real ledger.
 */
let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
});
afterAll(() => shop.hq.close());

const MEMBERS = ['M', 'N', 'P'];
const CARDS = ['2900000000018', '2900000000025'];
const SALES = ['S-1', 'S-2', 'S-3', 'S-4'];
const PHONES = ['+36201111111', '+36202222222', null];

type Step = {
	readonly action: string;
	readonly data: Readonly<Record<string, unknown>>;
	readonly envelope: Readonly<Record<string, unknown>>;
};

const who = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom(...MEMBERS).map((customer) => ({ customer })) },
	{ weight: 1, arbitrary: fc.constantFrom(...CARDS).map((customer) => ({ customer, external_id: 'loyalty_barcode' })) },
);
const amount = fc.integer({ min: 0, max: 200_000 }).map((minor) => minor / 100);
const contact = fc.record({ loyalty_barcode: fc.constantFrom(...CARDS), mobile_phone: fc.constantFrom(...PHONES) }, { requiredKeys: [] });
const what = fc.oneof(
	{ weight: 3, arbitrary: contact.map((data) => ({ action: 'opt_in', data })) },
	{ weight: 1, arbitrary: contact.map((data) => ({ action: 'profile', data })) },
	{
		weight: 6,
		arbitrary: fc.tuple(fc.constantFrom(...SALES), amount).map(([id, total]) => ({ action: 'checkout', data: saleData(id, total) })),
	},
	{ weight: 2, arbitrary: fc.constantFrom(...SALES).map((id) => ({ action: 'refund', data: { transaction_id: id } })) },
	{
		weight: 3,
		arbitrary: fc
			.tuple(fc.constantFrom(...SALES), amount)
			.map(([id, value]) => ({ action: 'partial_refund', data: { transaction_id: id, amount: value + 0.01 } })),
	},
	{
		weight: 2,
		arbitrary: fc
			.tuple(fc.constantFrom('point_add', 'point_sub'), fc.integer({ min: 1, max: 900 }))
			.map(([action, points]) => ({ action, data: { points } })),
	},
	{ weight: 1, arbitrary: fc.constant({ action: 'opt_out', data: {} }) },
);
const step: fc.Arbitrary<Step> = fc
	.tuple(who, what, fc.boolean())
	.map(([member, event, isForced]) => ({ ...event, envelope: { ...member, ...(isForced ? { force_stub: true } : {}) } }));
const history = fc.array(
	fc.tuple(fc.constantFrom('T1' as const, 'T2' as const), fc.array(step, { minLength: 1, maxLength: 6 }), fc.boolean()),
	{ minLength: 1, maxLength: 10 },
);

test('points are neither made nor lost, and a second sending changes nothing', async () => {
	await fc.assert(
		fc.asyncProperty(history, async (batches) => {
			await shop.reset();
			const sent: { readonly terminal: 'T1' | 'T2'; readonly items: readonly Readonly<Record<string, unknown>>[] }[] = [];
			for (const [terminal, steps, isRepeated] of batches) {
				const items = steps.map(({ action, data, envelope }) => shop.event(action, data, envelope));
				sent.push({ terminal, items });
				const first = await shop.push(items, { terminal });
				if (!isRepeated) continue;
				const { results } = await shop.push(items, { terminal });
				expect(results.map(finalOf)).toEqual(
					first.results.map((result, index) => (result.status === 'deferred' ? finalOf(results[index]) : finalOf(result))),
				);
			}
			expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, wrongMembers: [] });
			const before = await state();
			// All once more, cut into single events: what was final stays as it was; what was deferred may have become possible.
			for (const { terminal, items } of sent) {
				for (const item of items) await shop.push([item], { terminal });
			}
			expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, wrongMembers: [] });
			const after = await state();
			expect(after.outcomes).toMatchObject(before.outcomes);
			expect(Object.values(after.outcomes).filter((outcome) => outcome.entries > 1)).toEqual([]);
			expect(await disorder()).toEqual([]);
			// When nothing new became possible, nothing at all has changed.
			const isQuiet = Object.keys(after.outcomes).length === Object.keys(before.outcomes).length;
			expect(isQuiet ? after.members : before.members).toEqual(before.members);
		}),
		{ numRuns: 40 },
	);
}, 120_000);

/** What may not change between two answers about one event. */
function finalOf(
	result: { readonly status: string; readonly applied_to?: unknown; readonly applied_ver?: unknown; readonly points?: unknown } | undefined,
) {
	return { ...result, status: result?.status === 'duplicate' ? 'applied' : result?.status };
}

async function state() {
	const outcomes = await shop.rows<{ event_id: string; entries: number }>(
		`SELECT terminal, result_no, event.event_id, status, event.points, applied_to, applied_ver,
			(SELECT count(*)::int FROM ledger_entry WHERE ledger_entry.event_id = event.event_id) AS entries
		FROM event`,
	);
	return {
		members: await shop.rows('SELECT id, status, points, ver, card FROM member ORDER BY id'),
		outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome.event_id, outcome])),
	};
}

/** Outcomes of one terminal about one member of which the later has the lower version. */
async function disorder() {
	return shop.rows(
		`SELECT earlier.event_id FROM event AS earlier JOIN event AS later
			ON earlier.terminal = later.terminal AND earlier.applied_to = later.applied_to
			AND earlier.result_no < later.result_no AND earlier.applied_ver > later.applied_ver`,
	);
}
