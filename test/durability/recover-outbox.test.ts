import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orThrow, requestId } from '#main/terminal/fake-context.ts';
import type { CallOutput } from '#shared/bridge/contract.ts';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { barcodeToTry } from '../support/headquarters.ts';
import { createOperator } from '../support/operator.ts';
import { startRunningTerminal } from './running-terminal.ts';
import type { RunningTerminal } from './running-terminal.ts';

const SALES = 6;
const SAFETY = { journalFolder: null, ballastBytes: 0, isLossAccepted: false };

let place: RunningTerminal;

beforeAll(async () => {
	place = await startRunningTerminal();
	orThrow(await place.tryToStart());
	await place.unlock();
	await place.ready();
}, 240_000);
afterAll(async () => place.close());

async function sell(from: number, count: number): Promise<void> {
	const barcode = LoyaltyBarcodeSchema.parse(barcodeToTry(place.headquarters, /gold/));
	for (let sale = from; sale < from + count; sale += 1) {
		const about = { receiptNumber: `R-${sale}`, amountMinor: 1000, currency: 'EUR', isRepeatConfirmed: false };
		orThrow(await place.services().api['sale.earn']({ ...about, requestId: requestId(sale), member: { barcode } }));
	}
}

async function untilAccepted(entries: number): Promise<CallOutput<'outbox.list'>> {
	return place.until(
		async () => orThrow(await place.services().api['outbox.list']({ show: 'all', limit: 50 })),
		({ lines }) => lines.length === entries && lines.every(({ displayStatus }) => displayStatus === 'accepted'),
	);
}

async function points(): Promise<number | undefined> {
	return (await createOperator(place.headquarters.ready.url).findByBarcode(barcodeToTry(place.headquarters, /gold/)))?.spendable;
}

function damageOutbox(): void {
	const file = join(place.data, 'outbox.db');
	writeFileSync(file, readFileSync(file).fill(0xa5));
}

test('I12: a damaged outbox is made anew from its journal, everything is settled again, and no points are given twice', async () => {
	await sell(1, SALES);
	await untilAccepted(SALES);
	const before = await points();
	await place.stopServices();
	damageOutbox();
	orThrow(await place.tryToStart(SAFETY));
	expect(orThrow(await place.services().api['status.get']({}))).toMatchObject({
		notice: 'outbox_recovered',
		noticeValues: { entries: SALES },
	});
	await place.unlock();
	const { lines } = await untilAccepted(SALES);
	expect(new Set(lines.map(({ receiptNumber }) => receiptNumber))).toEqual(
		new Set(Array.from({ length: SALES }, (_, index) => `R-${index + 1}`)),
	);
	expect(await points()).toBe(before);
}, 240_000);

test('I12: where nothing is left of outbox and journal headquarters hands back what it has, and sales go on', async () => {
	const before = await points();
	await place.stopServices();
	damageOutbox();
	for (const name of readdirSync(join(place.data, 'journal'))) if (name.endsWith('.log')) rmSync(join(place.data, 'journal', name));
	expect(await place.tryToStart(SAFETY)).toMatchObject({ ok: false, error: { code: 'DISK-103' } });
	orThrow(await place.tryToStart({ ...SAFETY, isLossAccepted: true }));
	expect(orThrow(await place.services().api['status.get']({}))).toMatchObject({
		notice: 'outbox_recovered_in_part',
		noticeValues: { entries: 0 },
	});
	await place.unlock();
	await untilAccepted(SALES);
	await sell(SALES + 1, 2);
	await untilAccepted(SALES + 2);
	expect(await points()).toBeGreaterThan(before ?? 0);
}, 240_000);
