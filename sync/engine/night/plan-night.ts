import { createHash } from 'node:crypto';

/** Minutes from local midnight. It may end after the next midnight. */
export type NightlyWindow = { readonly startMinute: number; readonly lengthMinutes: number };

export const DEFAULT_NIGHTLY_WINDOW: NightlyWindow = { startMinute: 120, lengthMinutes: 180 };

/** A terminal that was off at its moment begins this long after its start at the latest. Milliseconds. */
export const LATE_NIGHT_SPREAD_MS = 30 * 60_000;

export type NightFacts = {
	/** Wall clock. */
	readonly nowMs: number;
	/** The last night that is done with, `YYYY-MM-DD`. */
	readonly lastDay: string | null;
	readonly window: NightlyWindow;
	/** Where in the window this terminal's moment is, from 0 to 1 (`shareOf`). */
	readonly share: number;
	/** When the engine started, and how long it waits if its moment was before that. */
	readonly startedAtMs: number;
	readonly startDelayMs: number;
};

/** `day`: the night that is due, or the one to wait for. */
export type NightStep = { readonly kind: 'run'; readonly day: string } | { readonly kind: 'rest'; readonly untilMs: number };

/**
 * When heavy work is to be done. Each terminal has a moment of its own in the window of each night, always the same, so that the terminals of
 * a chain come one after the other. One that was off then does it after its next start. Local days, so that a night is one also when clocks change.
 */
export function planNight(facts: NightFacts): NightStep {
	const today = momentOf(facts, 0);
	const isBefore = facts.nowMs < today.atMs;
	const night = isBefore ? momentOf(facts, -1) : today;
	if (facts.lastDay !== null && facts.lastDay >= night.day)
		return { kind: 'rest', untilMs: isBefore ? today.atMs : momentOf(facts, 1).atMs };
	const dueAtMs = night.atMs < facts.startedAtMs ? facts.startedAtMs + facts.startDelayMs : night.atMs;
	return facts.nowMs >= dueAtMs ? { kind: 'run', day: night.day } : { kind: 'rest', untilMs: dueAtMs };
}

/** A terminal's place in the window: a fixed number from 0 to 1, spread evenly over all terminals. */
export function shareOf(terminal: string): number {
	return createHash('sha256').update(terminal).digest().readUInt32BE(0) / 2 ** 32;
}

function momentOf({ nowMs, window, share }: NightFacts, days: number): { readonly day: string; readonly atMs: number } {
	const now = new Date(nowMs);
	const minutes = window.startMinute + share * window.lengthMinutes;
	const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
	const at = new Date(midnight.getFullYear(), midnight.getMonth(), midnight.getDate(), 0, 0, 0, Math.floor(minutes * 60_000));
	const two = (value: number): string => String(value).padStart(2, '0');
	return { day: `${midnight.getFullYear()}-${two(midnight.getMonth() + 1)}-${two(midnight.getDate())}`, atMs: at.getTime() };
}
