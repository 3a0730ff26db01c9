/** What is known about the time of one event. All milliseconds but `effectiveTimestampS` (Antavo's unix seconds). */
export type TimeFacts = {
	readonly occurredAtMs: number | null;
	/** From recording to sending by the terminal's monotonic clock: true whatever the wall clock did. */
	readonly ageMs: number | null;
	readonly effectiveTimestampS: number | null;
};

/** What is known about the request. `skewMs` is our clock minus the sender's. */
export type RequestTime = { readonly receivedAtMs: number; readonly skewMs: number | null };

/** Our clock minus the sender's; without `sentAtMs` the one of its last request. */
export function skewOf(receivedAtMs: number, sentAtMs: number | null, lastSkewMs: number | null): number | null {
	return sentAtMs === null ? lastSkewMs : receivedAtMs - sentAtMs;
}

/**
 * When an event happened by our clock. Best is its age; then the terminal's wall clock corrected by its skew; then what a backdating sender
 * states; else the moment of arrival. Never in the future, and never a reason to refuse points.
 */
export function effectiveAtMs(facts: TimeFacts, request: RequestTime): number {
	const { receivedAtMs } = request;
	return Math.min(receivedAtMs, Math.max(0, estimate(facts, request)));
}

function estimate(facts: TimeFacts, { receivedAtMs, skewMs }: RequestTime): number {
	if (facts.ageMs !== null) return receivedAtMs - facts.ageMs;
	if (facts.occurredAtMs !== null) return facts.occurredAtMs + (skewMs ?? 0);
	if (facts.effectiveTimestampS !== null) return facts.effectiveTimestampS * 1000;
	return receivedAtMs;
}
