/**
 * A small seeded random generator (mulberry32). Synthetic members need a million independent streams, one per member,
 * so that member i is the same whether 50,000 or 1,000,000 are made; faker's own generator costs about a thousand times more per stream.
 * Good enough to invent people with, not for secrets.
 */
export type Prng = {
	/** The next 32 random bits, as an unsigned integer. */
	readonly bits: () => number;
	/** A whole number in [0, bound). */
	readonly below: (bound: number) => number;
	/** True once in `count` on average. */
	readonly isOneIn: (count: number) => boolean;
};

/** The stream of number `index` under `seed`. Both are unsigned 32-bit integers. */
export function createPrng(seed: number, index: number): Prng {
	let state = (mix(seed) ^ mix(Math.imul(index + 1, 0x9e37_79b1))) | 0;
	const bits = (): number => {
		state = (state + 0x6d2b_79f5) | 0;
		let value = Math.imul(state ^ (state >>> 15), state | 1);
		value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
		return (value ^ (value >>> 14)) >>> 0;
	};
	const below = (bound: number): number => Math.floor((bits() / 0x1_0000_0000) * bound);
	return { bits, below, isOneIn: (count) => below(count) === 0 };
}

/** Scatters neighbouring numbers (the finalizer of MurmurHash3). */
function mix(value: number): number {
	let hash = value | 0;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
	return hash ^ (hash >>> 16);
}
