/** How long one call may take. Milliseconds. */
export type CallLimits = {
	/** From the first byte sent to the head of the answer. */
	readonly answerMs: number;
	/** Between two pieces of the answer's body: a slow line is no reason to give up, a dead one is. */
	readonly stallMs: number;
	/** The whole call, whatever happens. */
	readonly overallMs: number;
	/** The answer's body, unpacked by HTTP. Bytes. */
	readonly bytesMax: number;
};

const KIB = 1024;
const MIB = 1024 * KIB;
const OVERALL_MS = 600_000;
const STALL_MS = 15_000;

/** Limits by call. `feed.answerMs` is without the time that headquarters was asked to wait. */
export const CALL_LIMITS = {
	health: { answerMs: 5_000, stallMs: 5_000, overallMs: 10_000, bytesMax: 16 * KIB },
	pair: { answerMs: 15_000, stallMs: STALL_MS, overallMs: 60_000, bytesMax: 64 * KIB },
	/** A programme with 20 wordings in several languages and 200 cashiers is below 200 KiB. */
	hello: { answerMs: 10_000, stallMs: STALL_MS, overallMs: 60_000, bytesMax: MIB },
	/** 500 results of at most about 1.5 KiB each. */
	push: { answerMs: 30_000, stallMs: STALL_MS, overallMs: 60_000, bytesMax: 2 * MIB },
	outcomes: { answerMs: 15_000, stallMs: STALL_MS, overallMs: 60_000, bytesMax: 4 * MIB },
	/** 200 events of at most 32 KiB. */
	ownEvents: { answerMs: 15_000, stallMs: STALL_MS, overallMs: OVERALL_MS, bytesMax: 8 * MIB },
	/** 20,000 files of about 250 bytes each. */
	manifest: { answerMs: 30_000, stallMs: STALL_MS, overallMs: OVERALL_MS, bytesMax: 8 * MIB },
	/** 5,000 rows of at most about 6 KiB. */
	feed: { answerMs: 15_000, stallMs: STALL_MS, overallMs: OVERALL_MS, bytesMax: 32 * MIB },
	/** Headquarters may count for some seconds. */
	digests: { answerMs: 30_000, stallMs: STALL_MS, overallMs: 60_000, bytesMax: 16 * KIB },
	/** `bytesMax` is for error bodies: a file is limited by the size that the manifest gives. */
	file: { answerMs: 30_000, stallMs: STALL_MS, overallMs: OVERALL_MS, bytesMax: 64 * KIB },
} as const satisfies Record<string, CallLimits>;

/** A snapshot file as it travels; a larger one in a manifest is a defect of headquarters. */
export const FILE_BYTES_MAX = 32 * MIB;
/** A snapshot file unpacked: 10,000 rows of at most about 6 KiB. */
export const FILE_UNPACKED_BYTES_MAX = 64 * MIB;
/** The longest that a feed request may be held back by headquarters. */
export const FEED_WAIT_MS_MAX = 30_000;
/** Nobody tells a terminal to stay away for longer than this in one answer. */
export const RETRY_AFTER_MS_MAX = 600_000;
