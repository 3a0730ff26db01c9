import { z } from 'zod';
import type { Cashier } from '#shared/domain/programme.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Clock } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { isPinOf } from './pin.ts';
import type { PinCost } from './pin.ts';

const WRONG_PINS_MAX = 5;
const PAUSE_MS = 60_000;

/** How many wrong PINs there were and until when none is tried; on disk, so that a restart is no way around it. */
export const PinTriesSchema = z.object({ wrong: z.int().min(0), pausedUntilMs: z.int().min(0) });
export type PinTries = z.infer<typeof PinTriesSchema>;

export type SessionOptions = {
	readonly clock: Clock;
	readonly pinCost: PinCost;
	readonly roster: () => readonly Cashier[];
	/** From the last run. */
	readonly tries: PinTries;
	/** Stores them; called before the answer to a wrong PIN. */
	readonly saveTries: (tries: PinTries) => Promise<void>;
};

/**
 * Who works at this terminal now. Owns the lock and the count of wrong PINs. A terminal with a roster starts locked; without a roster it
 * has no lock. Who was taken off the roster is signed out by that. Only the count of wrong PINs survives a crash.
 */
export type SignIn = {
	readonly cashier: () => Cashier | null;
	readonly isLocked: () => boolean;
	/** SESSION-101 wrong PIN (or nobody on the roster), SESSION-102 with `retryAfterMs` after five in a row. One try at a time. */
	readonly unlock: (of: { readonly cashierId: string; readonly pin: string }) => Promise<Result<Cashier, LoyaltyError>>;
	readonly lock: () => void;
};

export function createSignIn(options: SessionOptions): SignIn {
	const { clock, roster } = options;
	let signedInId: string | null = null;
	let { wrong } = options.tries;
	// The wall clock may have been set back since: no pause is longer than a whole one.
	let pausedUntilMs = clock.monotonicMs() + Math.min(PAUSE_MS, Math.max(0, options.tries.pausedUntilMs - clock.nowMs()));
	let lastTry: Promise<unknown> = Promise.resolve();

	async function tryPin(cashierId: string, pin: string): Promise<Result<Cashier, LoyaltyError>> {
		const leftMs = pausedUntilMs - clock.monotonicMs();
		if (leftMs > 0) return fail(terminalError('SESSION-102', { retryAfterMs: Math.ceil(leftMs) }));
		const cashier = roster().find(({ id }) => id === cashierId);
		if (cashier !== undefined && (await isPinOf(cashier, pin, options.pinCost))) {
			if (wrong > 0) await options.saveTries({ wrong: 0, pausedUntilMs: 0 });
			wrong = 0;
			signedInId = cashier.id;
			return ok(cashier);
		}
		wrong += 1;
		if (wrong < WRONG_PINS_MAX) {
			await options.saveTries({ wrong, pausedUntilMs: 0 });
			return fail(terminalError('SESSION-101', { values: { left: WRONG_PINS_MAX - wrong } }));
		}
		wrong = 0;
		pausedUntilMs = clock.monotonicMs() + PAUSE_MS;
		await options.saveTries({ wrong: 0, pausedUntilMs: clock.nowMs() + PAUSE_MS });
		return fail(terminalError('SESSION-102', { retryAfterMs: PAUSE_MS }));
	}

	const cashier = (): Cashier | null => roster().find(({ id }) => id === signedInId) ?? null;
	return {
		cashier,
		isLocked: () => roster().length > 0 && cashier() === null,
		unlock: async ({ cashierId, pin }) => {
			// One after the other: tries at once would all be judged by the count before the first of them.
			const turn = lastTry.then(() => tryPin(cashierId, pin));
			lastTry = turn.catch(() => null);
			return turn;
		},
		lock: () => {
			signedInId = null;
		},
	};
}
