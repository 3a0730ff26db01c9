import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { systemRandom } from '#main/devices/system-clock.ts';

export const PUSHING = ['pouchdb', 'rxdb', 'powersync'] as const;
export type PushingPeer = (typeof PUSHING)[number];

export type PushOptions = {
	readonly folder: string;
	/** The bad line with the ledger behind it. */
	readonly lineUrl: string;
	/** A member server without members, for who wants to download before it uploads. */
	readonly serviceUrl: string;
	readonly events: number;
};

/** Writes the events, sends them, and resolves with the seconds that sending took. */
export type Pusher = (options: PushOptions) => Promise<number>;

export type BenchEvent = { readonly id: string; readonly member: string; readonly points: number };

/** What a batch of each may hold, ours included. */
export const BATCH = 500;
/** Before a failed batch is sent again. */
export const RETRY_MS = 1_000;
const MEMBERS = 400;

export function makeEvents(count: number): readonly BenchEvent[] {
	return Array.from({ length: count }, (_, index) => ({ id: uuidV7(Date.now(), systemRandom), member: `m${index % MEMBERS}`, points: 10 }));
}

/** What an application's own upload function does: sends the batch, and fails when it was not answered. */
export async function postEvents(lineUrl: string, events: readonly BenchEvent[]): Promise<void> {
	const answer = await fetch(`${lineUrl}/events`, { method: 'POST', body: JSON.stringify(events) });
	if (!answer.ok) throw new Error(`the ledger answered ${answer.status}`);
	// Half an answer is none.
	await answer.json();
}

export function secondsSince(startedAt: number): number {
	return (performance.now() - startedAt) / 1000;
}
