import { z } from 'zod';

/**
 * A member's id: any string of 1–64 Latin letters, digits, `-` or `_`, as the vendors allow
 * (Antavo "Handling Customers": a unique combination of Latin alphanumerics; a UUID is the recommended form).
 * Terminals mint UUIDv7 and the id is final: there are no temporary ids.
 */
export const MemberIdSchema = z
	.string()
	.regex(/^[A-Za-z0-9_-]{1,64}$/)
	.brand<'MemberId'>();
export type MemberId = z.infer<typeof MemberIdSchema>;

/** Made when the cashier confirms, on disk before anything is sent, unchanged up to the vendor's call. */
export const EventIdSchema = z.uuid().brand<'EventId'>();
export type EventId = z.infer<typeof EventIdSchema>;

/** One paired device. */
export const TerminalIdSchema = z.uuid().brand<'TerminalId'>();
export type TerminalId = z.infer<typeof TerminalIdSchema>;

/** One life of a terminal's outbox: a restored or cloned one takes a new incarnation, so that `seq` never means two things. */
export const IncarnationSchema = z
	.string()
	.regex(/^[0-9a-f]{16}$/)
	.brand<'Incarnation'>();
export type Incarnation = z.infer<typeof IncarnationSchema>;

/** Short code of an outlet or a terminal, part of every transaction id: capital letters and digits, 1–8. */
export const ShortCodeSchema = z.string().regex(/^[A-Z0-9]{1,8}$/);

/** The key of a sale at headquarters and at all three vendors; at most 50 characters (the tightest vendor's limit). */
export const TransactionIdSchema = z
	.string()
	.regex(/^[A-Za-z0-9_.:/-]{1,50}$/)
	.brand<'TransactionId'>();
export type TransactionId = z.infer<typeof TransactionIdSchema>;

/** Opaque place in the change feed: only headquarters reads it. */
export const CursorSchema = z.string().min(1).max(4096).brand<'Cursor'>();
export type Cursor = z.infer<typeof CursorSchema>;

/** What a card, pass or old card carries: 3–64 printable ASCII characters without spaces. EAN-13 is the usual form. */
export const LoyaltyBarcodeSchema = z
	.string()
	.regex(/^[\x21-\x7e]{3,64}$/)
	.brand<'LoyaltyBarcode'>();
export type LoyaltyBarcode = z.infer<typeof LoyaltyBarcodeSchema>;

/** The till's own receipt number, as printed: 1–32 letters, digits, `-`, `/`, `.` or `_`. */
export const ReceiptNumberSchema = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9./_-]{0,31}$/)
	.brand<'ReceiptNumber'>();
export type ReceiptNumber = z.infer<typeof ReceiptNumberSchema>;
