/** What a manager does at the desk, for the specs of it. */
import type { Locator, Page } from '@playwright/test';
import { must } from '#shared/lib/assert.ts';
import { createScreen } from '../support/screen.ts';
import type { Shop, ShopTerminal } from '../support/shop.ts';
import { expect } from './fixtures.ts';

/** Of the roster of every headquarters with invented members. */
const MANAGER = { name: 'Anna Sz.', pin: '9753' } as const;

/** The manager takes over the terminal, as with F10 and a PIN. */
export async function takeOver(terminal: ShopTerminal): Promise<void> {
	const screen = createScreen(terminal);
	await screen.press('F10');
	await screen.chooseCashier(MANAGER.name, 10_000);
	await screen.textbox(/^PIN$/).focus();
	await screen.typeSlowly(MANAGER.pin);
	await screen.press('Enter');
	// Where the work was left is where it goes on.
	await expect(terminal.page().getByRole('radiogroup')).toHaveCount(0);
}

/** The entry in the list of what is waiting that has this text: a receipt, a name. */
export function entryOf(page: Page, text: string): Locator {
	return page.getByRole('main').getByRole('listitem').filter({ hasText: text });
}

/** Whoever has this card leaves the programme at headquarters. */
export async function leaveAtHeadquarters({ operator }: Shop, card: string): Promise<void> {
	const member = must(await operator.findByBarcode(card), 'the member');
	const left = await operator.call('POST', '/events', { customer: member.id, action: 'opt_out', data: {} });
	expect(left.ok).toBe(true);
}
