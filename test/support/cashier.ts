import { expect } from '@playwright/test';
import { must } from '#shared/lib/assert.ts';
import { createScreen, goHome, readNumbers } from './screen.ts';
import type { EnrolField, Screen } from './screen.ts';
import type { ShopTerminal } from './shop.ts';

const LOAD_TIMEOUT_MS = 90_000;
const SYNC_TIMEOUT_MS = 45_000;
/** Of the roster of every headquarters with invented members. */
const CASHIER = { name: 'Éva K.', pin: '1357' } as const;

export type SaleInput = { readonly amount: string; readonly receipt: string };
export type EnrolInput = { readonly card: string; readonly firstName: string; readonly mobile: string };

/** A person at a terminal: scans and presses keys as a cashier does, and reads what is on the screen. */
export type Cashier = ReturnType<typeof createCashier>;

/** A cashier at `terminal`. Every method waits for what it expects, and none sleeps. */
export function createCashier(terminal: Pick<ShopTerminal, 'page' | 'scan'>) {
	const screen = createScreen(terminal);
	return {
		/** The members are here and Éva has signed in. */
		waitUntilLoaded: async () => {
			await expect(screen.chip()).toContainText(/members as of/, { timeout: LOAD_TIMEOUT_MS });
			await unlock(screen);
		},
		scan: async (code: string) => terminal.scan(code),
		goHome: async () => goHome(screen),
		...salesOf(screen),
		...enrolmentsOf(screen, terminal),
		...readingsOf(screen, terminal),
		syncNow: async () => tryHeadquarters(screen),
		openWaiting: async () => {
			await screen.press('F9');
			await expect(screen.heading(/what is waiting/i)).toBeVisible();
		},
	};
}

async function unlock(screen: Screen): Promise<void> {
	await screen.chooseCashier(CASHIER.name, LOAD_TIMEOUT_MS);
	await screen.textbox(/^PIN$/).focus();
	await screen.typeSlowly(CASHIER.pin);
	await screen.press('Enter');
	await expect(screen.home()).toBeVisible();
}

async function tryHeadquarters(screen: Screen): Promise<void> {
	await screen.press('F9');
	await screen.button(/try now/i).click();
}

async function enterSale(screen: Screen, sale: SaleInput): Promise<void> {
	await expect(screen.textbox(/amount/i)).toBeVisible();
	await screen.typeSlowly(sale.amount);
	await screen.press('Enter');
	await expect(screen.textbox(/receipt/i)).toBeFocused();
	await screen.textbox(/receipt/i).selectText();
	await screen.typeSlowly(sale.receipt);
	await screen.press('Enter');
}

function salesOf(screen: Screen) {
	return {
		enterSale: async (sale: SaleInput) => enterSale(screen, sale),
		typeAmount: async (amount: string) => {
			await expect(screen.textbox(/amount/i)).toBeVisible();
			await screen.typeSlowly(amount);
		},
		/** A whole sale for the member or card on the screen, up to the confirmation. */
		earn: async (sale: SaleInput) => {
			await enterSale(screen, sale);
			await expect(screen.region(/points given/i)).toBeVisible();
		},
		/** Refunds the whole sale of a receipt of this terminal. */
		refund: async (receipt: string) => {
			await screen.press('F6');
			await expect(screen.textbox(/receipt/i)).toBeFocused();
			await screen.typeSlowly(receipt);
			await screen.press('Enter');
			await expect(screen.region(/^the sale/i)).toBeVisible();
			await screen.press('Enter');
			await expect(screen.region(/refund recorded|sale taken back/i)).toBeVisible();
		},
	};
}

function enrolmentsOf(screen: Screen, terminal: Pick<ShopTerminal, 'page' | 'scan'>) {
	const startEnrolment = async (): Promise<void> => {
		await screen.press('F3');
		await expect(screen.field('firstName')).toBeVisible();
	};
	const type = async (name: EnrolField, text: string): Promise<void> => {
		await screen.field(name).focus();
		await screen.typeSlowly(text);
	};
	return {
		startEnrolment,
		type,
		readField: async (name: EnrolField) => screen.field(name).inputValue(),
		expectSuspect: async (name: string) =>
			expect(
				screen
					.region(/already a member/i)
					.getByText(name)
					.first(),
			).toBeVisible(),
		/** Up to the new member's card. */
		enrol: async (input: EnrolInput) => {
			await startEnrolment();
			await terminal.scan(input.card);
			await type('firstName', input.firstName);
			await type('mobile', input.mobile);
			await screen.terms().press('Space');
			await expect(screen.terms()).toBeChecked();
			await screen.field('firstName').focus();
			await screen.press('Enter');
			await expect(screen.heading(input.firstName)).toBeVisible();
		},
	};
}

function readingsOf(screen: Screen, terminal: Pick<ShopTerminal, 'page' | 'scan'>) {
	const readTotal = async (): Promise<number> => {
		await expect(screen.pending()).toBeVisible();
		const [spendable, pending] = await readNumbers(screen.spendable().or(screen.pending()));
		return must(spendable, 'what can be spent') + must(pending, 'what is not confirmed yet');
	};
	return {
		expectMember: async (name: string) => expect(screen.heading(name)).toBeVisible(),
		expectAnyMember: async () => expect(screen.spendable()).toBeVisible(),
		expectMessage: async (text: RegExp) => expect(screen.main().getByText(text).first()).toBeVisible(),
		expectChip: async (text: RegExp) => expect(screen.chip()).toContainText(text, { timeout: SYNC_TIMEOUT_MS }),
		expectPending: async (text: RegExp) => expect(screen.pending()).toHaveText(text),
		/** Confirmed and not yet confirmed points together, as the member has them. */
		readTotal,
		expectTotal: async (points: number) => {
			await expect(screen.spendable()).toBeVisible();
			await expect.poll(readTotal, { timeout: SYNC_TIMEOUT_MS }).toBe(points);
		},
		/** Asks headquarters and scans until the member's card comes up: the feed brings members enrolled elsewhere. */
		expectFoundByScan: async (card: string, name: string) => {
			await expect(async () => {
				await tryHeadquarters(screen);
				await goHome(screen);
				await terminal.scan(card);
				await expect(screen.heading(name)).toBeVisible({ timeout: 2_000 });
			}).toPass({ timeout: 90_000 });
		},
	};
}
