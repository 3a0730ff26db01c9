/**
 * Every expected failure has one code, and a code exists only if the right response to it differs.
 * Each comment says what happened, whether it is normal, what the cashier does, and whether data is at risk.
 * `renderer/text` has the cashier's sentence for each; a test ties the two together.
 */
export const ERROR_CODES = [
	/** What was scanned or typed is no barcode, number, e-mail or name. Normal. Scan again. Nothing at risk. */
	'SCAN-101',
	/** The check digit of a card does not fit: misread or mistyped. Normal. Scan again or type the number. Nothing at risk. */
	'SCAN-102',
	/** A coupon was scanned where a card was expected. Normal. Give it to the till. Nothing at risk. */
	'SCAN-103',
	/** A book, magazine or other article was scanned. Normal. Scan the member's card. Nothing at risk. */
	'SCAN-104',
	/** Well formed, but nobody on this terminal has it. Normal. Points can still be given. Nothing at risk. */
	'MEMBER-101',
	/** The card is blocked (lost or replaced). Normal. Use another card or ask a manager. Nothing at risk. */
	'MEMBER-102',
	/** The member is suspended. Rare. A manager decides at headquarters. Nothing at risk. */
	'MEMBER-103',
	/** The member is gone: merged or opted out since the screen was opened. Rare. Scan again. Nothing at risk. */
	'MEMBER-104',
	/** The replica is not loaded yet. Normal in the first minutes. Points can be given by card number. Nothing at risk. */
	'MEMBER-105',
	/** The amount is missing, zero, negative, too large or has too many decimals. Normal. Type it again. Nothing at risk. */
	'SALE-101',
	/** The receipt number is missing or has characters that no receipt has. Normal. Type it again. Nothing at risk. */
	'SALE-102',
	/** This receipt already earned points here today. Normal. Check the number; confirm if it really is another sale. Nothing at risk. */
	'SALE-103',
	/** The currency is not the programme's. Configuration. Tell the manager. Nothing at risk. */
	'SALE-104',
	/** No sale with this receipt number on this terminal. Normal. Check the number, or refund where it was sold. Nothing at risk. */
	'SALE-105',
	/** More is to be refunded than is left of the sale. Normal. Check the amount. Nothing at risk. */
	'SALE-106',
	/** It is already on its way or at headquarters and cannot be undone. Normal. Make a refund instead. Nothing at risk. */
	'SALE-107',
	/** The card that is to be given is somebody's already. Normal. Take another card. Nothing at risk. */
	'ENROL-101',
	/** The card, the first name or every contact is missing. Normal. Complete the form. Nothing at risk. */
	'ENROL-102',
	/** The terms were not accepted. Normal. Ask the member. Nothing at risk. */
	'ENROL-103',
	/** The mobile number or the e-mail address is not one. Normal. Type it again. Nothing at risk. */
	'ENROL-104',
	/** This terminal's block of card numbers is used up. Rare. Scan a pre-printed card. Nothing at risk. */
	'ENROL-105',
	/** The entry is not there or is in no state to be sent again. Rare. Open the list again. Nothing at risk. */
	'OUTBOX-101',
	/** The PIN is wrong. Normal. Try again. Nothing at risk. */
	'SESSION-101',
	/** Too many wrong PINs. Rare. Wait a minute. Nothing at risk. */
	'SESSION-102',
	/** The terminal is locked. Normal. Unlock first. Nothing at risk. */
	'SESSION-103',
	/** Only a manager may do this. Normal. A manager unlocks with a PIN of their own. Nothing at risk. */
	'SESSION-104',
	/** Headquarters cannot be reached. Normal. Go on working. Nothing at risk: entries wait on disk. */
	'LINE-101',
	/** Headquarters answered late or with a fault of its own. Rare. Go on working. Nothing at risk. */
	'LINE-102',
	/** Headquarters is busy and said when to come back. Normal. Go on working. Nothing at risk. */
	'LINE-103',
	/** Headquarters refused this terminal's key or signature. Rare. IT must pair it again. Entries wait on disk. */
	'LINE-104',
	/** This terminal was revoked at headquarters. Rare. Call IT. Entries are kept. */
	'LINE-105',
	/** The pairing code is wrong, used or older than ten minutes. Normal. Ask headquarters for a new one. Nothing at risk. */
	'LINE-106',
	/** Headquarters answered something that this version does not understand. Rare. Update the terminal. Entries wait on disk. */
	'LINE-107',
	/** The place in the change feed is no longer valid: a snapshot is loaded again. Rare. Nothing to do. Nothing at risk. */
	'LINE-108',
	/** The disk is full. Urgent. Call IT; the entry was not recorded. What was recorded before is safe. */
	'DISK-101',
	/** The disk refused a write. Urgent. Call IT; the entry was not recorded. */
	'DISK-102',
	/** `outbox.db` is damaged. Urgent. The terminal stops and leaves the file alone; IT recovers it. Entries may be at risk. */
	'DISK-103',
	/** `outbox.db` was written by a newer version. Rare. Install that version again. Nothing at risk. */
	'DISK-104',
	/** Another program has the data folder. Rare. Close the other terminal window. Nothing at risk. */
	'DISK-105',
	/** A snapshot file did not arrive whole; it is fetched again. Rare. Nothing to do. Nothing at risk. */
	'DISK-106',
	/** A call that this terminal does not know, or with input of the wrong form. A defect. Tell IT. Nothing at risk. */
	'BRIDGE-101',
	/** The window lost its services for a moment; the call is repeated with the same request id. Rare. Nothing at risk. */
	'BRIDGE-102',
	/** A defect of ours; it is in the log. Rare. Try again; tell IT the time. What was shown as done is done. */
	'INTERNAL-101',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
