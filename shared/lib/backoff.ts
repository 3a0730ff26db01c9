import { assert } from './assert.ts';
import type { Random } from './clock.ts';

/** Milliseconds: the first ceiling, and the one that no ceiling exceeds. */
export type BackoffPolicy = { readonly firstMs: number; readonly maxMs: number };

/**
 * The next wait in milliseconds: full jitter (uniform in [0, ceiling)), the ceiling doubling per attempt up to `maxMs`.
 * `attempt` counts from 0. Full jitter spreads a chain of terminals that all lost the line at the same second.
 */
export function nextDelayMs(policy: BackoffPolicy, attempt: number, random: Random): number {
	assert(Number.isInteger(attempt) && attempt >= 0, 'attempt counts from 0');
	const ceilingMs = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt, 30));
	return Math.floor(random.fraction() * ceilingMs);
}
