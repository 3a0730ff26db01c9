import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { KEPT_AT_LEAST_MS } from '#sync/outbox/outbox.ts';
import { createFakeLogger } from '../../fake-logger.ts';
import { card, memberId, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { earn } from '../sale/earn.ts';
import { retireOldEntries } from './retention.ts';

const DAY_MS = 86_400_000;

let fake: FakeContext;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1) })]);
});
afterEach(async () => fake.close());

async function sell(number: number, isAccepted: boolean): Promise<void> {
	const { outbox } = fake.context;
	const input = { requestId: requestId(number), receiptNumber: `R-${number}`, amountMinor: 100, currency: 'EUR', isRepeatConfirmed: false };
	orThrow(await earn(fake.context, { ...input, member: { memberId: memberId('EVA') } }));
	if (!isAccepted) return;
	const batch = await outbox.takeBatch({ events: 10, bytes: 100_000, nowMs: fake.time.clock.nowMs() });
	const entry = must(
		batch.find(({ receipt }) => receipt?.receiptNumber === `R-${number}`),
		'the sale',
	);
	await outbox.settle(
		[{ event_id: entry.eventId, status: 'applied', applied_to: memberId('EVA'), applied_ver: number + 1, points: 1 }],
		fake.time.clock.nowMs(),
	);
}

async function retire(isStopped = false): Promise<readonly (string | undefined)[]> {
	const { outbox, clock } = fake.context;
	await retireOldEntries({ outbox, clock, logger: createFakeLogger(), isStopped: () => isStopped });
	return (await outbox.list({ limit: 10 })).map(({ receipt }) => receipt?.receiptNumber);
}

test('settled entries go after 400 days, those that still have to be sent stay for ever', async () => {
	await sell(1, true);
	await sell(2, false);
	await fake.time.pass(399 * DAY_MS);
	await sell(3, true);
	expect(await retire()).toEqual(['R-3', 'R-2', 'R-1']);
	await fake.time.pass(2 * DAY_MS);
	expect(await retire(true)).toEqual(['R-3', 'R-2', 'R-1']);
	expect(await retire()).toEqual(['R-3', 'R-2']);
});

test('nothing goes while the engine would take it for lost', async () => {
	await sell(1, true);
	await fake.time.pass(KEPT_AT_LEAST_MS);
	expect(await retire()).toEqual(['R-1']);
});

test('a clock that runs two years ahead of headquarters deletes nothing', async () => {
	await sell(1, true);
	await fake.time.pass(730 * DAY_MS);
	await fake.context.outbox.saveState({ skewMs: -730 * DAY_MS });
	expect(await retire()).toEqual(['R-1']);
});
