/** Milliseconds from the announcement of a change in this process to its place in the feed; null before the first. */
export type Lag = { readonly lastMs: number | null; readonly p50Ms: number | null; readonly p99Ms: number | null };

const KEPT_MAX = 1_024;

/** Keeps the newest lags. */
export function createLagMeter(): { readonly note: (lagMs: number) => void; readonly read: () => Lag } {
	const lags: number[] = [];
	return {
		note: (lagMs) => {
			lags.push(lagMs);
			if (lags.length > KEPT_MAX) lags.shift();
		},
		read: () => {
			const sorted = lags.toSorted((left, right) => left - right);
			const at = (share: number): number | null => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
			return { lastMs: lags.at(-1) ?? null, p50Ms: at(0.5), p99Ms: at(0.99) };
		},
	};
}
