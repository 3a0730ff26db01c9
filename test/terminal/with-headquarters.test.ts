import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileSecretBox } from '#main/devices/file-secret-box.ts';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import { createFakeLogger } from '#main/fake-logger.ts';
import type { Services } from '#main/ports.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { orThrow, requestId } from '#main/terminal/fake-context.ts';
import type { CallInput } from '#shared/bridge/contract.ts';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { barcodeToTry, startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';
import { createOperator } from '../support/operator.ts';

let folder = '';
let headquarters: HeadquartersProcess;
let line: FaultProxy;
let terminal: Services;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-pair-'));
	headquarters = await startHeadquartersProcess({
		data: join(folder, 'hq'),
		members: 500,
		terminals: ['KOSS/Kossuth tér/T1/Till by the door'],
	});
	line = await startFaultProxy(headquarters.ready.url);
	terminal = await start(must(headquarters.ready.pairing[0], 'a pairing code').code);
}, 120_000);
afterAll(async () => {
	await terminal.stop();
	await line.close();
	await headquarters.stop();
	await rm(folder, { recursive: true, force: true });
});

async function start(pairingCode: string | null): Promise<Services> {
	const ports = {
		clock: createSystemClock(),
		timers: systemTimers,
		random: systemRandom,
		fetch: globalThis.fetch,
		logger: createFakeLogger(),
		secretBox: await openFileSecretBox(join(folder, 'secret.key')),
		power: { onWake: () => () => undefined },
	};
	return orThrow(
		await createTerminal({ dataFolder: folder, hqUrl: line.url, pairingCode, appVersion: '0.1.0', isTraining: false, locale: 'en', ports }),
	);
}

/** Asks again at every event of the terminal until the answer is as wanted. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
	const changed = Promise.withResolvers<void>();
	let next = changed;
	const forget = terminal.onEvent(() => next.resolve());
	try {
		for (;;) {
			const told = next.promise;
			const answer = await ask();
			if (isWanted(answer)) return answer;
			await told;
			next = Promise.withResolvers<void>();
		}
	} finally {
		forget();
	}
}

function sale(number: number, change: Partial<CallInput<'sale.earn'>> = {}): CallInput<'sale.earn'> {
	const member = { barcode: goldCard() };
	return {
		requestId: requestId(number),
		member,
		receiptNumber: `R-${number}`,
		amountMinor: 2000,
		currency: 'EUR',
		isRepeatConfirmed: false,
		...change,
	};
}

function goldCard(): ReturnType<typeof LoyaltyBarcodeSchema.parse> {
	return LoyaltyBarcodeSchema.parse(barcodeToTry(headquarters, /gold/));
}

async function unlock(): Promise<void> {
	const session = await until(
		async () => orThrow(await terminal.api['session.open']({})),
		({ cashiers, programme }) => cashiers.length > 0 && programme !== null,
	);
	const [cashier] = session.cashiers;
	const pin = must(
		headquarters.ready.pins.find(({ name }) => name === cashier?.displayName),
		'a PIN',
	).pin;
	orThrow(await terminal.api['session.unlock']({ cashierId: must(cashier, 'a cashier').id, pin }));
}

test('a paired terminal loads the members, sells offline, and headquarters has every sale once', async () => {
	expect(terminal.pairing).toBe('paired');
	await unlock();
	await until(
		async () => orThrow(await terminal.api['status.get']({})),
		({ members, line: state }) => members.phase === 'ready' && state === 'online',
	);
	const operator = createOperator(headquarters.ready.url);
	const before = must(await operator.findByBarcode(goldCard()), 'the gold member').spendable;
	expect(orThrow(await terminal.api['member.identify']({ text: goldCard(), source: 'scan' }))).toMatchObject({
		kind: 'found',
		member: { points: before },
	});

	line.setLine('down');
	const earned = orThrow(await terminal.api['sale.earn'](sale(1)));
	expect(earned.member).toMatchObject({ points: before, pendingPoints: earned.points + 90 });
	const { barcode } = orThrow(await terminal.api['member.nextCard']({}));
	const form = { barcode, firstName: 'Új', lastName: 'Tag', mobile: '', email: 'uj@example.org' };
	const consents = [{ purpose: 'terms', granted: true, version: 4, language: 'en' } as const];
	const enrolled = orThrow(await terminal.api['member.enrol']({ requestId: requestId(2), form, consents }));
	orThrow(await terminal.api['sale.earn'](sale(3, { member: { memberId: enrolled.member.memberId } })));
	const refunded = orThrow(await terminal.api['sale.refund']({ requestId: requestId(4), saleEventId: earned.eventId, amountMinor: 500 }));
	const unknown = LoyaltyBarcodeSchema.parse(barcodeToTry(headquarters, /nobody/));
	orThrow(await terminal.api['sale.earn'](sale(5, { member: { barcode: unknown } })));
	orThrow(await terminal.api['sale.void']({ requestId: requestId(6), eventId: orThrow(await terminal.api['sale.earn'](sale(7))).eventId }));

	await terminal.stop();
	terminal = await start(null);
	await unlock();
	line.setLine('lose_answers', 'POST /events/bulk');
	await until(
		async () => Promise.resolve(line.faults()),
		(faults) => faults > 0,
	);
	line.setLine('up');
	orThrow(await terminal.api['status.syncNow']({}));
	const { lines, proof } = await until(
		async () => orThrow(await terminal.api['outbox.list']({ show: 'all', limit: 10 })),
		// Nobody has the unknown card: headquarters lets its sale wait, and stores nothing that could be told twice.
		(list) => list.lines.every(({ displayStatus }) => displayStatus !== 'will_be_sent' && displayStatus !== 'on_its_way'),
	);
	expect(lines.map(({ action, displayStatus }) => [action, displayStatus])).toEqual([
		['checkout', 'taken_back'],
		['checkout', 'waits_for_headquarters'],
		['partial_refund', 'accepted'],
		['checkout', 'accepted'],
		['opt_in', 'accepted'],
		['checkout', 'accepted'],
	]);
	expect(proof).toMatchObject({ recorded: 6, accepted: 4, refused: 0, waiting: 1, voided: 1 });
	expect(must(await operator.findByBarcode(goldCard()), 'the gold member').spendable).toBe(before + earned.points + refunded.points);
	expect(await operator.find(enrolled.member.memberId)).toMatchObject({ spendable: 20, first_name: 'Új', email: 'uj@example.org' });

	orThrow(await terminal.api['status.syncNow']({}));
	const confirmed = await until(
		async () => orThrow(await terminal.api['member.identify']({ text: barcode, source: 'scan' })),
		(found) => found.kind === 'found' && !found.member.isLocal && found.member.points === 20,
	);
	expect(confirmed).toMatchObject({ member: { pendingPoints: 0, name: 'Új Tag' } });
}, 60_000);
