/** How one kind of scanner types. Times are milliseconds between the moments at which keys went down. */
export type ScannerProfile = {
	/** `KeyboardEvent.key` values that a scanner is set to send before each code; empty when it sends none. */
	readonly prefixKeys: readonly string[];
	/** The keys that end a code. */
	readonly terminatorKeys: readonly string[];
	/** People do not type two keys in a row faster than this for long; scanners do. */
	readonly meanGapMaxMs: number;
	/** A shorter burst is typing: no membership card is that short. */
	readonly lengthMin: number;
	/** Silence that ends a code without a terminator. */
	readonly pauseMs: number;
	/** A terminator that comes this late after such a silence still belongs to the code. */
	readonly terminatorGraceMs: number;
};

const USB: ScannerProfile = {
	prefixKeys: [],
	terminatorKeys: ['Enter', 'Tab'],
	meanGapMaxMs: 35,
	lengthMin: 6,
	pauseMs: 120,
	terminatorGraceMs: 200,
};

/** By how the scanner is connected. A radio link delivers its keys in clumps with longer silences between them. */
export const scannerProfiles = {
	usb: USB,
	radio: { ...USB, pauseMs: 200, terminatorGraceMs: 300 },
} as const satisfies Record<string, ScannerProfile>;
