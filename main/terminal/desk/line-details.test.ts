import { expect, test } from 'vitest';
import { LineDetailsSchema } from '#shared/bridge/session-calls.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { card, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import { earn } from '../sale/earn.ts';
import { readLineDetails } from './line-details.ts';

const MACHINE = { appVersion: '1.2.3', terminal: 'T-1', outletCode: 'KOSS', night: null };

test('refusals are counted by their codes, and nothing is about a person', async () => {
	const fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'], mobile: '+36201112233' })]);
	const { outbox } = fake.context;
	const codes = [WIRE_CODES.optedOut, WIRE_CODES.transactionIdUsed, WIRE_CODES.transactionIdUsed];
	for (const [index, code] of codes.entries()) {
		const sale = { requestId: requestId(index + 1), member: { barcode: card(1) }, receiptNumber: `A-${index}`, amountMinor: 1000 };
		const { eventId } = orThrow(await earn(fake.context, { ...sale, currency: 'EUR', isRepeatConfirmed: true }));
		await outbox.takeBatch({ events: 10, bytes: 100_000, nowMs: 0 });
		const error = { type: 'x', code, message: `Éva Nagy +36201112233 ${card(1)}` };
		await outbox.settle([{ event_id: eventId, status: 'rejected', error }], 0);
	}
	const details = await readLineDetails(fake.context, MACHINE);
	expect(LineDetailsSchema.parse(details)).toEqual(details);
	expect(details).toMatchObject({
		...MACHINE,
		lastSeq: 3,
		counts: { rejected: 3, pending: 0 },
		refusals: [
			{ code: WIRE_CODES.transactionIdUsed, count: 2 },
			{ code: WIRE_CODES.optedOut, count: 1 },
		],
	});
	for (const personal of ['Éva', 'Nagy', '+3620', card(1), 'EVA']) expect(JSON.stringify(details)).not.toContain(personal);
	await fake.close();
});
