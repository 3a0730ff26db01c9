import type { Timers } from '#shared/lib/clock.ts';

/** Answers that are held back at the same time. Who comes later is answered at once and told to come back. */
export const WAITERS_MAX = 20_000;

/** Holds requests back until there is something new. */
export type WaitingRoom = {
	/** Resolves with whether there is news: false after `waitMs`, when `signal` aborts, and when the room is full or closed. */
	readonly wait: (waitMs: number, signal: AbortSignal) => Promise<boolean>;
	readonly isFull: () => boolean;
	/** There is news for everybody. */
	readonly wakeAll: () => void;
	/** Sends everybody home; nobody waits after this. */
	readonly close: () => void;
};

export function createWaitingRoom(timers: Timers): WaitingRoom {
	const waiters = new Set<(hasNews: boolean) => void>();
	let isClosed = false;
	const release = (hasNews: boolean): void => {
		const released = [...waiters];
		waiters.clear();
		for (const resolve of released) resolve(hasNews);
	};
	return {
		wait: async (waitMs, signal) => {
			if (isClosed || signal.aborted || waiters.size >= WAITERS_MAX) return false;
			const { promise, resolve } = Promise.withResolvers<boolean>();
			waiters.add(resolve);
			const giveUp = (): void => {
				resolve(false);
			};
			const cancelTimer = timers.after(waitMs, giveUp);
			signal.addEventListener('abort', giveUp, { once: true });
			try {
				return await promise;
			} finally {
				waiters.delete(resolve);
				cancelTimer();
				signal.removeEventListener('abort', giveUp);
			}
		},
		isFull: () => waiters.size >= WAITERS_MAX,
		wakeAll: () => {
			release(true);
		},
		close: () => {
			isClosed = true;
			release(false);
		},
	};
}
