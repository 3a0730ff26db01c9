import type { z } from 'zod';
import type { SaleLineSchema } from '#shared/bridge/sale-calls.ts';
import { AMOUNT_MINOR_MAX, toMajor } from '#shared/domain/money.ts';
import type { Currency } from '#shared/domain/money.ts';
import type { Programme } from '#shared/domain/programme.ts';
import type { SaleItemSchema } from '#shared/wire/event.ts';
import { EVENT_BYTES_MAX } from '#shared/wire/limits.ts';

type SaleLine = z.infer<typeof SaleLineSchema>;
type SaleItem = z.infer<typeof SaleItemSchema>;

/** Leaves room in `EVENT_BYTES_MAX` for the rest of the event. */
const ITEMS_BYTES_MAX = EVENT_BYTES_MAX - 4_096;
/** The wire's limit for one line. */
const QUANTITY_MAX = 100_000;

/**
 * Vendors key a line by sale and product, so that lines of one product become one: quantities and totals are added, name and category
 * are the first one's. Headquarters sees nothing else, and so points are estimated from nothing else.
 */
export function mergeLines(lines: readonly SaleLine[]): readonly SaleLine[] {
	const byProduct = new Map<string, SaleLine>();
	for (const line of lines) {
		const earlier = byProduct.get(line.productId);
		byProduct.set(line.productId, earlier === undefined ? line : add(earlier, line));
	}
	return [...byProduct.values()];
}

/**
 * Merged lines as the wire has them; the price of one is the mean. A sale with more lines than an event holds loses the names of its products, and
 * then everything but what the points depend on: one line per category that earns nothing, and one for the rest.
 */
export function toItems(lines: readonly SaleLine[], { currency, earn }: Pick<Programme, 'currency' | 'earn'>): SaleItem[] {
	const whole = lines.map((line) => toItem(line, currency));
	if (fits(whole)) return whole;
	const nameless = lines.map(({ name: _name, ...line }) => toItem(line, currency));
	if (fits(nameless)) return nameless;
	const byCategory = lines.map(({ category, totalMinor }): SaleLine => {
		const isExcluded = category !== undefined && earn.excludedCategories.includes(category);
		return { productId: isExcluded ? category : 'other', quantity: 1, totalMinor, ...(isExcluded ? { category } : {}) };
	});
	return mergeLines(byCategory).map((line) => toItem(line, currency));
}

function toItem({ productId, name, category, quantity, totalMinor }: SaleLine, currency: Currency): SaleItem {
	return {
		product_id: productId,
		...(name === undefined ? {} : { product_name: name }),
		...(category === undefined ? {} : { product_category: category }),
		quantity,
		price: toMajor(Math.min(Math.round(totalMinor / quantity), AMOUNT_MINOR_MAX), currency),
		subtotal: toMajor(totalMinor, currency),
	};
}

function fits(items: readonly SaleItem[]): boolean {
	return new TextEncoder().encode(JSON.stringify(items)).length <= ITEMS_BYTES_MAX;
}

function add(one: SaleLine, other: SaleLine): SaleLine {
	// 0.1 + 0.2 kg is 0.3 kg: a millionth is finer than any scale in a shop.
	const quantity = Math.min(QUANTITY_MAX, Math.round((one.quantity + other.quantity) * 1e6) / 1e6);
	const totalMinor = Math.min(AMOUNT_MINOR_MAX, one.totalMinor + other.totalMinor);
	return { ...other, ...one, quantity, totalMinor };
}
