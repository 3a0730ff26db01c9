import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { createPrng } from '#sync/hq/members/prng.ts';
import { syntheticCard } from '#sync/hq/members/synthetic-card.ts';
import { createCashier } from '../support/cashier.ts';
import type { Cashier } from '../support/cashier.ts';
import { PROJECT_ROOT } from '../support/child.ts';
import { startHeadquartersProcess } from '../support/headquarters.ts';
import { createKioskHost } from '../support/kiosk.ts';
import { openShop } from '../support/shop.ts';
import type { ShopTerminal } from '../support/shop.ts';
import { checkAccounts, checkBalances, readTerminal } from './proof.ts';
import type { Mismatch } from './proof.ts';
import { planDay } from './shop-day.ts';
import type { Step } from './shop-day.ts';

/**
 * `npm run demo`: a shop day without a person. Three terminals with the real renderer, each with a line of its own to a real
 * headquarters; the line is cut for half of the day. Ends with the proof and exits with 1 if any number is off.
 */
const { values } = parseArgs({
	options: {
		sales: { type: 'string', default: '200' },
		enrolments: { type: 'string', default: '20' },
		refunds: { type: 'string', default: '10' },
		seed: { type: 'string', default: '20261122' },
	},
});
const MEMBERS = 5_000;
const CARDS_USED = 60;
/** Cards of the first invented members are a showcase (blocked, nameless, …); these are ordinary people. */
const FIRST_ORDINARY = 20;

/** As headquarters answers its own check of all accounts. */
const LedgerSchema = z.looseObject({ isBalanced: z.boolean() });

type Desk = { readonly terminal: ShopTerminal; readonly cashier: Cashier };

const pictures = join(PROJECT_ROOT, '.cache/demo');
await rm(pictures, { recursive: true, force: true });
await mkdir(pictures, { recursive: true });
const data = await mkdtemp(join(tmpdir(), 'regulars-demo-'));
const startedAt = performance.now();
say(
	`A day with ${values.sales} sales, ${values.enrolments} enrolments and ${values.refunds} refunds at three terminals (seed ${values.seed})`,
);

const headquarters = await startHeadquartersProcess({ data: join(data, 'hq'), members: MEMBERS, terminals: [] });
const browser = await chromium.launch({ executablePath: must(process.env['CHROMIUM'], 'CHROMIUM, the browser'), args: ['--no-sandbox'] });
const shop = openShop(headquarters, createKioskHost(browser));
const desks: Desk[] = [];
for (const code of ['T1', 'T2', 'T3']) {
	const terminal = await shop.open({
		code,
		...(code === 'T2' ? { viewport: { width: 1024, height: 768 } } : {}),
		...(code === 'T3' ? { colorScheme: 'dark' } : {}),
	});
	desks.push({ terminal, cashier: createCashier(terminal) });
}
for (const desk of desks) await desk.cashier.waitUntilLoaded();
say('Three terminals are paired, loaded and unlocked');

const prng = createPrng(Number(values.seed), 0);
const cards = ordinaryCards();
const steps = planDay({
	terminals: desks.length,
	sales: Number(values.sales),
	enrolments: Number(values.enrolments),
	refunds: Number(values.refunds),
	cards,
	below: prng.below,
});
await workThrough(steps);
for (const { cashier } of desks) await cashier.expectChip(/all sent/);
const barcodes = [...new Set(steps.flatMap((step) => (step.kind === 'sale' || step.kind === 'enrol' ? [step.card] : [])))];
await waitForFeed();
await takePictures('evening');
const mismatches = [...(await proveTheDay()), ...pageErrors()];
await browser.close();
await headquarters.stop();
await rm(data, { recursive: true, force: true });
say(
	`${mismatches.length === 0 ? 'Everything adds up' : 'IT DOES NOT ADD UP'} after ${Math.round((performance.now() - startedAt) / 1000)} s; pictures are in .cache/demo`,
);
process.exit(mismatches.length === 0 ? 0 : 1);

async function workThrough(day: readonly Step[]): Promise<void> {
	const done = { sale: 0, enrol: 0, refund: 0, line: 0 };
	for (const step of day) {
		if (step.kind === 'line') {
			for (const { terminal } of desks) terminal.line.setLine(step.isUp ? 'up' : 'down');
			if (step.isUp) await takePictures('offline');
			say(step.isUp ? 'The line is back' : 'The line is cut');
		} else await serve(must(desks[step.terminal], 'a desk'), step);
		done[step.kind] += 1;
		const count = done.sale + done.enrol + done.refund;
		if (count % 50 === 0) say(`${done.sale} sales, ${done.enrol} enrolments, ${done.refund} refunds`);
	}
}

async function serve({ cashier }: Desk, step: Exclude<Step, { kind: 'line' }>): Promise<void> {
	if (step.kind === 'sale') {
		await cashier.scan(step.card);
		await cashier.earn({ amount: step.amount, receipt: step.receipt });
	} else if (step.kind === 'enrol') {
		await cashier.enrol(step);
		await cashier.expectMember(step.firstName);
	} else await cashier.refund(step.receipt);
	await cashier.goHome();
}

/** The feed brings the others' sales a moment after headquarters has them: every terminal shows the last of all three. */
async function waitForFeed(): Promise<void> {
	const lastCards = desks.map((_, index) =>
		must(
			steps.findLast((step) => step.kind === 'sale' && step.terminal === index),
			'a sale',
		),
	);
	for (const { cashier } of desks) {
		await cashier.syncNow();
		for (const step of lastCards) {
			const card = step.kind === 'sale' ? step.card : '';
			const customer = must(await shop.operator.findByBarcode(card), `a member with ${card}`);
			await cashier.scan(card);
			await cashier.expectTotal(customer.spendable + customer.pending);
		}
		await cashier.goHome();
	}
}

async function proveTheDay(): Promise<readonly Mismatch[]> {
	const accounts = [];
	for (const { terminal } of desks) {
		await terminal.stopServices();
		accounts.push(await readTerminal(terminal.name, terminal.data));
	}
	const recorded = steps.filter((step) => step.kind !== 'line').length;
	const voided = accounts.reduce((sum, account) => sum + account.voided, 0);
	const found: Mismatch[] = [...checkAccounts(accounts, recorded - voided)];
	for (const account of accounts)
		say(
			`${account.name}: ${account.recorded} recorded = ${account.applied} applied + ${account.rejected} rejected + ${account.waiting} waiting + ${account.voided} taken back`,
		);
	const balances = await checkBalances(shop.operator, accounts, barcodes);
	found.push(...balances.mismatches);
	const ledger = LedgerSchema.parse(await (await shop.operator.call('GET', '/ledger/check')).json());
	say(`headquarters' ledger: ${JSON.stringify(ledger)}`);
	if (!ledger.isBalanced) found.push({ what: "headquarters' ledger balances", expected: 1, found: 0 });
	say(`${balances.members} members served: headquarters' balance compared with all ${accounts.length} terminals`);
	for (const mismatch of found) say(`WRONG ${mismatch.what}: expected ${mismatch.expected}, found ${mismatch.found}`);
	for (const account of accounts) await account.close();
	await shop.close();
	return found;
}

function pageErrors(): readonly Mismatch[] {
	return desks.flatMap(({ terminal }) =>
		terminal.consoleErrors().map((text) => ({ what: `${terminal.name}: the page logged "${text}"`, expected: 0, found: 1 })),
	);
}

async function takePictures(moment: string): Promise<void> {
	for (const [index, { terminal, cashier }] of desks.entries()) {
		await terminal.page().screenshot({ path: join(pictures, `${moment}-${index + 1}-ready.png`) });
		await cashier.openWaiting();
		await terminal.page().screenshot({ path: join(pictures, `${moment}-${index + 1}-waiting.png`) });
		await cashier.goHome();
		await cashier.scan(index === 0 ? syntheticCard(0) : must(cards[index], 'a card'));
		await cashier.expectAnyMember();
		await cashier.typeAmount('4190');
		await terminal.page().screenshot({ path: join(pictures, `${moment}-${index + 1}-member.png`) });
		await cashier.goHome();
	}
}

function ordinaryCards(): readonly string[] {
	return Array.from({ length: CARDS_USED }, (_, index) => syntheticCard(FIRST_ORDINARY + index));
}

function say(text: string): void {
	console.log(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${text}`);
}
