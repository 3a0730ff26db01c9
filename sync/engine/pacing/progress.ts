/** What has been seen of a piece of work: pairs of monotonic milliseconds and amount done, oldest first. */
export type Progress = { readonly samples: readonly Sample[] };
export type Sample = { readonly atMs: number; readonly done: number };

/** The rate is that of the last ten seconds: a line that became slow shows, a single slow second does not. */
const WINDOW_MS = 10_000;
/** Samples closer together than this replace each other: at most 50 are kept. */
const SAMPLE_EVERY_MS = 200;
/** Before this much has been seen a rate is a guess. */
const RATE_AFTER_MS = 1_000;

export function startProgress(atMs: number, done: number): Progress {
	return { samples: [{ atMs, done }] };
}

/** Adds what is done at `atMs`. Work that went back (a load that began anew) starts afresh. */
export function addProgress(progress: Progress, atMs: number, done: number): Progress {
	const last = progress.samples.at(-1);
	if (last === undefined || done < last.done) return startProgress(atMs, done);
	const kept = progress.samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS);
	const beforeLast = kept.at(-2);
	if (beforeLast !== undefined && last.atMs - beforeLast.atMs < SAMPLE_EVERY_MS) kept.pop();
	// A pause longer than the window leaves nothing to compare with: the last sample is the beginning of the pause.
	const samples = kept.length === 0 ? [last] : kept;
	return { samples: [...samples, { atMs, done }] };
}

/** Units per second and milliseconds to the end; `null` while nothing sound can be said. `total` 0 is unknown. */
export function readProgress(progress: Progress, total: number): { readonly ratePerS: number | null; readonly etaMs: number | null } {
	const [first] = progress.samples;
	const last = progress.samples.at(-1);
	if (first === undefined || last === undefined || last.atMs - first.atMs < RATE_AFTER_MS) return { ratePerS: null, etaMs: null };
	const ratePerS = ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
	if (total === 0 || ratePerS === 0) return { ratePerS, etaMs: null };
	return { ratePerS, etaMs: Math.round((Math.max(0, total - last.done) * 1000) / ratePerS) };
}
