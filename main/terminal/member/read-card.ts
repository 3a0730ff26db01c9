import type { LoyaltyBarcode } from '#shared/domain/ids.ts';
import { readBarcode } from '#shared/domain/loyalty-barcode.ts';
import type { BarcodeReading } from '#shared/domain/loyalty-barcode.ts';
import type { ErrorCode } from '#shared/errors/error-codes.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { qrRule } from '../context.ts';
import type { TerminalContext } from '../context.ts';

const CODES: Readonly<Record<Exclude<BarcodeReading['kind'], 'card'>, ErrorCode>> = {
	unreadable: 'SCAN-101',
	wrong_check_digit: 'SCAN-102',
	coupon: 'SCAN-103',
	book: 'SCAN-104',
};

/** The card in a scanned or typed text that must be one. Fails with SCAN-101 … SCAN-104. */
export function readCard(context: TerminalContext, text: string): Result<LoyaltyBarcode, LoyaltyError> {
	const reading = readBarcode(text, { ...qrRule(context), cardSeries: context.programme()?.cardSeries ?? [] });
	return reading.kind === 'card' ? ok(reading.barcode) : fail(terminalError(CODES[reading.kind]));
}
