import { assert } from '#shared/lib/assert.ts';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';

/**
 * Card numbers of invented members: EAN-13 of series 29 (restricted circulation), the member's number from 1 in the ten digits.
 * Current cards take 1 – 999,999,999, replaced ones the thousand million above; terminals' own blocks start higher.
 */
export const SYNTHETIC_MEMBERS_MAX = 999_999_000;
const OLD_CARDS_FROM = 1_000_000_000;
/** Within the series, and never handed out: what is to be scanned as an unknown card. */
const UNKNOWN_CARD_NUMBER = 999_999_999;

/** The current card of member `index`. */
export function syntheticCard(index: number): string {
	assert(Number.isInteger(index) && index >= 0 && index < SYNTHETIC_MEMBERS_MAX, 'a synthetic member has a card number');
	return cardOf(index + 1);
}

/** The card that member `index` had before. */
export function syntheticOldCard(index: number): string {
	return cardOf(OLD_CARDS_FROM + index + 1);
}

/** The wallet pass of member `index`, as its QR code carries it. */
export function syntheticPass(index: number): string {
	return `PASS-${(index + 1).toString(36).toUpperCase().padStart(6, '0')}`;
}

/** A well-formed card of the series that nobody has. */
export function unknownCard(): string {
	return cardOf(UNKNOWN_CARD_NUMBER);
}

function cardOf(number: number): string {
	return withCheckDigit(`29${String(number).padStart(10, '0')}`, 'mod10');
}
