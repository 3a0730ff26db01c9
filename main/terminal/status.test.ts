import { afterEach, beforeEach, expect, test } from 'vitest';
import { StatusSchema } from '#shared/bridge/session-calls.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { card, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from './fake-context.ts';
import type { FakeContext } from './fake-context.ts';
import { earn } from './sale/earn.ts';
import { statusWithoutLine, toStatus } from './status.ts';

let fake: FakeContext;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1) })]);
});
afterEach(async () => fake.close());

test('without a line entries wait, members are as they were, and a reason is told', async () => {
	const { outbox } = fake.context;
	for (let number = 1; number <= 3; number += 1) {
		const input = {
			requestId: requestId(number),
			receiptNumber: `R-${number}`,
			amountMinor: 100,
			currency: 'EUR',
			isRepeatConfirmed: false,
		};
		orThrow(await earn(fake.context, { ...input, member: { barcode: card(777) } }));
	}
	const [entry] = await outbox.list({ limit: 1 });
	await outbox.park(must(entry, 'an entry').eventId, terminalError('LINE-102'), NOON_MS);
	const status = await statusWithoutLine(fake.context, 'refused', terminalError('LINE-104'));
	expect(status).toEqual({
		line: 'refused',
		offlineSinceMs: null,
		nextTryAtMs: null,
		lastPushAtMs: null,
		lastPullAtMs: null,
		nextPullAtMs: null,
		isPullHeld: false,
		waiting: 3,
		needsPerson: 1,
		members: { phase: 'ready', rows: 1, asOfMs: NOON_MS },
		work: null,
		clockSkewMs: 0,
		error: terminalError('LINE-104'),
		notice: null,
	});
	expect(StatusSchema.parse(status)).toEqual(status);
	expect(toStatus({ ...status, notice: null, clockSkewMs: 12.6 })).toEqual({ ...status, clockSkewMs: 13 });
});

test.each([
	['damaged', 'replica_damaged'],
	['newer_version', 'replica_newer_version'],
	['older_version', 'replica_older_version'],
] as const)('members that were put aside because the file was %s are a notice', async (rebuiltBecause, notice) => {
	const { outbox, replica } = fake.context;
	const rebuilt = { ...replica, state: () => ({ ...replica.state(), rebuiltBecause }) };
	expect(await statusWithoutLine({ outbox, replica: rebuilt }, 'unpaired', null)).toMatchObject({ notice });
});
