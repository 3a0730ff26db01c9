import type { ErrorCode } from '#shared/errors/error-codes.ts';

/** What happened (`title`); what it means for this member and what to do (`body`). The code stands beside it for support. */
export type ErrorSentence = { readonly title: string; readonly body: string };

/** The cashier's sentence for every failure. */
export const errorSentences: Readonly<Record<ErrorCode, ErrorSentence>> = {
	'SCAN-101': { title: 'That is not a card', body: 'Scan the member’s card, or type a number, phone, e-mail or name.' },
	'SCAN-102': { title: 'That did not read cleanly', body: 'Scan again, or type the number under the bars.' },
	'SCAN-103': { title: 'That is a coupon, not a member card', body: 'Give the coupon to the till, then scan the member’s card.' },
	'SCAN-104': { title: 'That is a book or a magazine', body: 'It belongs on the till. Scan the member’s card here.' },
	'MEMBER-101': {
		title: 'This card is not on this terminal yet',
		body: 'You can still give the points; headquarters will match the card.',
	},
	'MEMBER-102': {
		title: 'This card is blocked',
		body: 'It was reported lost or was replaced, so it earns nothing. Ask for the new card, or find the member by phone or name.',
	},
	'MEMBER-103': { title: 'This member is suspended', body: 'No points can be given now. A manager can ask headquarters why.' },
	'MEMBER-104': {
		title: 'This member is not here any more',
		body: 'The membership was merged or ended a moment ago. Scan the card again.',
	},
	'MEMBER-105': {
		title: 'Members are still loading',
		body: 'You can give points by card number already; names follow when loading is done.',
	},
	'SALE-101': { title: 'The amount is missing', body: 'Type the total of the receipt. Nothing was recorded.' },
	'SALE-102': { title: 'The receipt number is missing', body: 'Type or scan it as it is printed: letters, digits, dash, slash or dot.' },
	'SALE-103': {
		title: 'This receipt earned points today',
		body: 'Check the number. If it really is another sale, say so and the points are given.',
	},
	'SALE-104': { title: 'This currency is not the programme’s', body: 'No points can be given for it. Tell the manager.' },
	'SALE-105': {
		title: 'No sale with this receipt here',
		body: 'Check the number. A sale from another terminal is refunded where it was sold.',
	},
	'SALE-106': { title: 'That is more than is left of the sale', body: 'Check the amount; a part may have been refunded before.' },
	'SALE-107': {
		title: 'It is on its way to headquarters already',
		body: 'It can no longer be taken back here. Make a refund instead: F6.',
	},
	'ENROL-101': { title: 'This card is somebody’s already', body: 'Take another card. Nothing was recorded.' },
	'ENROL-102': { title: 'Something is missing', body: 'A member needs a card, a first name and a mobile number or an e-mail address.' },
	'ENROL-103': { title: 'The terms are not accepted', body: 'Ask the member; without them nobody can be enrolled.' },
	'ENROL-104': { title: 'The contact does not look right', body: 'Check the mobile number or the e-mail address with the member.' },
	'ENROL-105': { title: 'This terminal has no card numbers left', body: 'Scan a printed card instead, and tell the manager.' },
	'OUTBOX-101': { title: 'This entry has changed meanwhile', body: 'The list shows it as it is now. Nothing is lost.' },
	'SESSION-101': { title: 'That PIN is not right', body: 'Try again.' },
	'SESSION-102': { title: 'Too many wrong PINs', body: 'Wait a minute, then try again, or let a colleague unlock.' },
	'SESSION-104': { title: 'A manager has to do this', body: 'Press F10; the manager unlocks with their own PIN and does it.' },
	'SESSION-103': { title: 'The terminal is locked', body: 'Unlock it first; your work is kept.' },
	'LINE-101': { title: 'Headquarters cannot be reached', body: 'Go on working: everything is kept on this terminal and sent later.' },
	'LINE-102': { title: 'Headquarters did not answer in time', body: 'Go on working: it is tried again by itself.' },
	'LINE-103': { title: 'Headquarters is busy', body: 'Go on working: it said when to come back.' },
	'LINE-104': {
		title: 'Headquarters does not know this terminal’s key',
		body: 'Go on working; every sale is kept here. IT has to pair the terminal again.',
	},
	'LINE-105': { title: 'This terminal was revoked', body: 'Call IT. What was recorded is kept for headquarters.' },
	'LINE-106': {
		title: 'The pairing code was not accepted',
		body: 'It may be mistyped, used or older than ten minutes. Ask headquarters for a new one.',
	},
	'LINE-107': {
		title: 'Headquarters speaks a newer version',
		body: 'Go on working; every sale is kept here. IT has to update the terminal.',
	},
	'LINE-108': { title: 'The members are loaded again', body: 'There is nothing to do, and nothing is lost.' },
	'DISK-101': { title: 'The disk is full', body: 'This was not recorded. What was recorded before is safe. Call IT now.' },
	'DISK-102': { title: 'The disk refused to write', body: 'This was not recorded. What was recorded before is safe. Call IT now.' },
	'DISK-103': {
		title: 'This terminal’s records are damaged',
		body: 'It stopped to keep them as they are. Call IT now, and note sales on paper.',
	},
	'DISK-104': { title: 'These records are from a newer version', body: 'IT has to install that version again. Nothing is lost.' },
	'DISK-105': { title: 'Another window has the records', body: 'Close the other Regulars window, then start this one again.' },
	'DISK-106': { title: 'A file did not arrive whole', body: 'It is fetched again by itself. Nothing is lost.' },
	'BRIDGE-101': { title: 'This window and the terminal disagree', body: 'Start Regulars again. If it stays, tell IT. Nothing is lost.' },
	'BRIDGE-102': { title: 'The terminal did not answer', body: 'Press Enter to try again: it is never counted twice.' },
	'INTERNAL-101': { title: 'Something went wrong in this program', body: 'Try again; tell IT the time. What was shown as done is done.' },
};
