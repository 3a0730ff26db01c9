/** What is known about the time of one event. All milliseconds but `effectiveTimestampS` (Antavo's unix seconds). */
export type TimeFacts = {
	readonly occurredAtMs: number | null;
	/** From recording to sending by the terminal's monotonic clock: true whatever the wall clock did. Known within the boot of the recording. */
	readonly ageMs: number | null;
	/** Our clock minus the terminal's, as the terminal knew it when it recorded. */
	readonly recordedSkewMs: number | null;
	readonly effectiveTimestampS: number | null;
};

/** What is known about the request. `skewMs` is our clock minus the sender's. */
export type RequestTime = { readonly receivedAtMs: number; readonly skewMs: number | null };

/** The newest event of a terminal's boot that has arrived. */
export type BootMark = { readonly bootId: string; readonly seq: number; readonly effectiveAtMs: number };

/** Our clock minus the sender's; without `sentAtMs` the one of its last request. */
export function skewOf(receivedAtMs: number, sentAtMs: number | null, lastSkewMs: number | null): number | null {
	return sentAtMs === null ? lastSkewMs : receivedAtMs - sentAtMs;
}

/**
 * When an event happened by our clock. Best is its age; then the terminal's wall clock corrected by the skew that it knew when it recorded
 * (the clock may have been set since), else by that of this request; then what a backdating sender states; else the moment of arrival.
 * Never in the future, and never a reason to refuse points.
 */
export function effectiveAtMs(facts: TimeFacts, request: RequestTime): number {
	const { receivedAtMs } = request;
	return Math.min(receivedAtMs, Math.max(0, estimate(facts, request)));
}

function estimate({ ageMs, occurredAtMs, recordedSkewMs, effectiveTimestampS }: TimeFacts, { receivedAtMs, skewMs }: RequestTime): number {
	if (ageMs !== null) return receivedAtMs - ageMs;
	if (occurredAtMs !== null) return occurredAtMs + (recordedSkewMs ?? skewMs ?? 0);
	if (effectiveTimestampS !== null) return effectiveTimestampS * 1000;
	return receivedAtMs;
}

/** What the order of one boot looks at. `bootId` null: unknown. */
export type BootPlace = { readonly bootId: string | null; readonly seq: number | null; readonly effectiveAtMs: number };

/**
 * Within one boot a later event is never earlier than the one before it, whatever its clocks say: times that run backwards are raised.
 * An event that was passed over and comes again behind its successors stays as it is. Answers the items in their order, and the new mark.
 */
export function keepBootOrder<T extends BootPlace>(
	items: readonly T[],
	mark: BootMark | null,
): { readonly items: T[]; readonly mark: BootMark | null } {
	let last = mark;
	const raised = items.map((item) => {
		const { bootId, seq } = item;
		if (bootId === null || seq === null) return item;
		const isNext = last === null || last.bootId !== bootId || seq > last.seq;
		if (!isNext) return item;
		const atMs = last !== null && last.bootId === bootId ? Math.max(last.effectiveAtMs, item.effectiveAtMs) : item.effectiveAtMs;
		last = { bootId, seq, effectiveAtMs: atMs };
		return atMs === item.effectiveAtMs ? item : { ...item, effectiveAtMs: atMs };
	});
	return { items: raised, mark: last };
}
