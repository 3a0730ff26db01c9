import { expect } from '@playwright/test';
import type { Locator } from '@playwright/test';
import { must } from '#shared/lib/assert.ts';
import type { ShopTerminal } from './shop.ts';

/** Milliseconds between keys when a person types: slower than any scanner, or the wedge detector would rightly take it for a scan. */
const TYPING_GAP_MS = 45;

export type EnrolField = 'card' | 'firstName' | 'mobile';
const FIELD_NAMES: Readonly<Record<EnrolField, RegExp>> = { card: /^card/i, firstName: /^first name/i, mobile: /^mobile/i };

/** The parts of a terminal's screen by what people call them, and its keyboard. The window may be another one after a restart. */
export type Screen = ReturnType<typeof createScreen>;

/** The screen of `terminal`. */
export function createScreen(terminal: Pick<ShopTerminal, 'page' | 'scan'>) {
	const page = () => terminal.page();
	const main = (): Locator => page().getByRole('main');
	const region = (name: RegExp): Locator => page().getByRole('region', { name });
	const balance = (): Locator => region(/can be spent/i);
	return {
		main,
		region,
		chip: (): Locator => page().locator('header').getByRole('status'),
		home: (): Locator => page().getByRole('heading', { name: /scan a card/i }),
		field: (name: EnrolField): Locator => page().getByRole('textbox', { name: FIELD_NAMES[name] }),
		textbox: (name: RegExp): Locator => page().getByRole('textbox', { name }),
		terms: (): Locator => page().getByRole('checkbox', { name: /terms/i }),
		button: (name: RegExp): Locator => page().getByRole('button', { name }),
		heading: (name: string | RegExp): Locator => main().getByRole('heading', { name }),
		spendable: (): Locator => balance().getByRole('paragraph').first(),
		pending: (): Locator => balance().getByRole('definition').first(),
		press: async (key: string) => page().keyboard.press(key),
		typeSlowly: async (text: string) => page().keyboard.type(text, { delay: TYPING_GAP_MS }),
		chooseCashier: async (name: string, timeoutMs: number) => page().getByRole('radiogroup').getByText(name).click({ timeout: timeoutMs }),
	};
}

/** The whole numbers that `of` shows, with the signs and separators of English: all of one moment, since points move from one to the other. */
export async function readNumbers(of: Locator): Promise<readonly number[]> {
	return (await of.allInnerTexts()).map(numberIn);
}

function numberIn(text: string): number {
	const digits = must(/[-−+]?\d[\d,]*/.exec(text)?.[0], `a number in "${text}"`);
	return Number(digits.replaceAll(',', '').replace('−', '-'));
}

/** Back to the ready screen, whatever is open. Esc never discards silently: it may have to be pressed again. */
export async function goHome(screen: Screen): Promise<void> {
	await expect(async () => {
		if (!(await screen.home().isVisible())) await screen.press('Escape');
		await expect(screen.home()).toBeVisible({ timeout: 300 });
	}).toPass({ timeout: 15_000 });
}
