/** The value below which `fraction` of the sorted samples lie; NaN of none. */
export function quantile(sorted: readonly number[], fraction: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** The middle value; of an even number of values the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** What is told of many samples of one kind, in their unit. */
export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };

export function percentilesOf(samples: readonly number[]): Percentiles {
	const sorted = samples.toSorted((a, b) => a - b);
	return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? Number.NaN };
}

/** How many times `reference` goes into `value`; `null` when either was not measured or the reference is 0. */
export function ratioOf(value: number, reference: number): number | null {
	return Number.isFinite(value) && Number.isFinite(reference) && reference !== 0 ? value / reference : null;
}
