import { canonicalBarcode, readBarcode } from '#shared/domain/loyalty-barcode.ts';
import { ReceiptNumberSchema } from '#shared/domain/ids.ts';
import type { Programme } from '#shared/domain/programme.ts';

/** What the cashier is doing when a code comes in. */
export type ScanContext = 'locked' | 'enrolling' | 'asking_receipt' | 'anything';

/** What a code means there. */
export type ScanMeaning =
	| { readonly kind: 'locked' }
	| { readonly kind: 'card_for_enrolment'; readonly text: string }
	| { readonly kind: 'receipt'; readonly text: string }
	| { readonly kind: 'identify'; readonly text: string };

/**
 * Where a scanned code goes. While a receipt number is asked for, a code that is no card of the programme and could be a receipt is one;
 * a card is the next member, whatever was being done.
 */
export function scanMeaning(scanned: string, context: ScanContext, programme: Pick<Programme, 'qr' | 'cardSeries'> | null): ScanMeaning {
	const text = withoutSymbology(scanned);
	switch (context) {
		case 'locked':
			return { kind: 'locked' };
		case 'enrolling':
			return { kind: 'card_for_enrolment', text: programme === null ? text : (canonicalBarcode(text, programme) ?? text) };
		case 'asking_receipt':
			return couldBeReceipt(text, programme) ? { kind: 'receipt', text } : { kind: 'identify', text };
		case 'anything':
			return { kind: 'identify', text };
	}
}

/** Without the AIM symbology identifier (`]E0`, `]C1`, `]Q3` …) that scanners can be set to send first (ISO/IEC 15424). */
function withoutSymbology(scanned: string): string {
	return scanned.replace(/^\][A-Za-z][0-9A-Za-z]/, '').trim();
}

function couldBeReceipt(text: string, programme: Pick<Programme, 'qr' | 'cardSeries'> | null): boolean {
	if (!ReceiptNumberSchema.safeParse(text).success) return false;
	if (programme === null || programme.cardSeries.length === 0) return false;
	const reading = readBarcode(text, programme);
	// A wrong check digit inside a card series is a card that was misread; outside of any series it is no card at all.
	return reading.kind === 'card' ? reading.seriesId === null : !isOfSeries(text, programme);
}

function isOfSeries(text: string, programme: Pick<Programme, 'cardSeries'>): boolean {
	return programme.cardSeries.some((series) => text.length === series.length && text.startsWith(series.prefix));
}
