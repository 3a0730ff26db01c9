import type { Random } from '#shared/lib/clock.ts';

/**
 * What becomes of one request on its way to headquarters and back.
 * `none` passes · `refuse` cuts the connection before the request is passed on · `lose_answer` headquarters does it, nobody hears of it ·
 * `cut_answer` half of the answer arrives · `stall` nothing is passed on and nothing answered until the caller gives up · `duplicate`
 * headquarters gets it twice at the same time · `late` headquarters gets it only after the caller has given up.
 */
export const FAULTS = ['none', 'refuse', 'lose_answer', 'cut_answer', 'stall', 'duplicate', 'late'] as const;
export type Fault = (typeof FAULTS)[number];

/** How bad the line is. Shares are fractions of all requests; times in milliseconds. */
export type Climate = {
	readonly shares: Readonly<Partial<Record<Exclude<Fault, 'none'>, number>>>;
	readonly latencyMs: { readonly least: number; readonly most: number };
	/** Every `everyMs` the line is dead for `forMs`; `null`: never. */
	readonly outage: { readonly everyMs: number; readonly forMs: number } | null;
};

/** The line of the soak: each fault often enough that every kind meets every call within minutes. */
export const STORMY: Climate = {
	shares: { refuse: 0.05, lose_answer: 0.05, cut_answer: 0.03, stall: 0.01, duplicate: 0.03, late: 0.01 },
	latencyMs: { least: 5, most: 80 },
	outage: { everyMs: 60_000, forMs: 10_000 },
};

export const FAIR: Climate = { shares: {}, latencyMs: { least: 0, most: 0 }, outage: null };

/** One draw of the weather: the fault of the next request and how long it is held before it goes on. */
export type Draw = { readonly fault: Fault; readonly latencyMs: number };

/** Draws the weather of one request. The same random source gives the same draws in the same order. */
export function drawWeather(climate: Climate, random: Random): Draw {
	const { least, most } = climate.latencyMs;
	const latencyMs = least + Math.floor(random.fraction() * (most - least + 1));
	let left = random.fraction();
	for (const fault of FAULTS) {
		if (fault === 'none') continue;
		const share = climate.shares[fault] ?? 0;
		if (left < share) return { fault, latencyMs };
		left -= share;
	}
	return { fault: 'none', latencyMs };
}

/** Whether the line is dead `elapsedMs` after its start. */
export function isOutage({ outage }: Climate, elapsedMs: number): boolean {
	return outage !== null && elapsedMs % outage.everyMs >= outage.everyMs - outage.forMs;
}
