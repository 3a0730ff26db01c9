import type { CallOutput } from '#shared/bridge/contract.ts';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode } from '#shared/domain/ids.ts';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import type { CardBlock, CardSeries } from '#shared/domain/programme.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { readiness } from '../context.ts';
import type { TerminalContext } from '../context.ts';
import { findByBarcode } from '../member/known-member.ts';

/**
 * The next card of this terminal's own block that nobody has. It is not used up by asking. The outbox knows the last one handed out; a
 * terminal that lost its outbox passes over the cards that headquarters has given it back as members. ENROL-105 at the end of the block.
 */
export async function nextCard(context: TerminalContext): Promise<Result<CallOutput<'member.nextCard'>, LoyaltyError>> {
	const ready = readiness(context);
	if (!ready.ok) return ready;
	const block = ready.value.identity.cardBlock;
	if (block === null) return fail(terminalError('ENROL-105'));
	const last = await context.outbox.lastCardNumber();
	for (let number = Math.max(block.first, (last ?? -1) + 1); number <= block.last; number += 1) {
		const barcode = cardOf(block, number, ready.value.programme.cardSeries);
		if (barcode !== null && (await findByBarcode(context, barcode)) === null) return ok({ barcode });
	}
	return fail(terminalError('ENROL-105'));
}

/** The barcode of a block's number: prefix, number with leading zeros to the length of its series, check digit. `null` when it does not fit. */
export function cardOf(block: CardBlock, number: number, cardSeries: readonly CardSeries[]): LoyaltyBarcode | null {
	const series = seriesOf(block, cardSeries);
	if (series === undefined)
		return LoyaltyBarcodeSchema.safeParse(`${block.prefix}${String(number).padStart(String(block.last).length, '0')}`).data ?? null;
	const digits = series.length - block.prefix.length - (series.check === 'none' ? 0 : 1);
	if (String(number).length > digits) return null;
	return LoyaltyBarcodeSchema.parse(withCheckDigit(`${block.prefix}${String(number).padStart(digits, '0')}`, series.check));
}

/** The number of a card that comes out of `block`, or `null` when it does not. */
export function cardNumberOf(block: CardBlock, barcode: LoyaltyBarcode, cardSeries: readonly CardSeries[]): number | null {
	if (!barcode.startsWith(block.prefix)) return null;
	const series = seriesOf(block, cardSeries);
	const digits = barcode.slice(block.prefix.length, series === undefined || series.check === 'none' ? undefined : -1);
	const number = /^\d{1,15}$/.test(digits) ? Number(digits) : -1;
	return number >= block.first && number <= block.last && cardOf(block, number, cardSeries) === barcode ? number : null;
}

function seriesOf(block: CardBlock, cardSeries: readonly CardSeries[]): CardSeries | undefined {
	return cardSeries.find(({ prefix }) => block.prefix.startsWith(prefix));
}
