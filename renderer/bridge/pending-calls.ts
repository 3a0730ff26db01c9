import type { Timers } from '#shared/lib/clock.ts';

/** A call that waits for its answer. */
export type PendingCall = {
	readonly name: string;
	readonly json: string;
	/** Carries a `requestId`: the services recognise a repetition, so that it may be sent again. */
	readonly isRepeatable: boolean;
};

type Entry = PendingCall & {
	readonly resolve: (json: string) => void;
	readonly reject: (cause: Error) => void;
	readonly cancelLimit: () => void;
};

/** The calls under way, by the number that their answers carry. */
export type PendingCalls = {
	readonly size: () => number;
	/** Keeps a call until it is settled or `limitMs` is over. */
	readonly add: (call: PendingCall, limitMs: number) => { readonly id: number; readonly answer: Promise<string> };
	readonly resolve: (id: number, json: string) => void;
	/** Rejects every call that may not be sent again. */
	readonly rejectReads: (reason: string) => void;
	readonly forEach: (visit: (id: number, call: PendingCall) => void) => void;
};

/** An empty table of calls. It owns their time limits: no call is kept for ever. */
export function createPendingCalls(timers: Timers): PendingCalls {
	const entries = new Map<number, Entry>();
	let lastId = 0;

	function take(id: number): Entry | undefined {
		const entry = entries.get(id);
		entries.delete(id);
		entry?.cancelLimit();
		return entry;
	}

	return {
		size: () => entries.size,
		add: (call, limitMs) => {
			const { promise, resolve, reject } = Promise.withResolvers<string>();
			lastId += 1;
			const id = lastId;
			const cancelLimit = timers.after(limitMs, () => take(id)?.reject(new Error('no answer in time')));
			entries.set(id, { ...call, resolve, reject, cancelLimit });
			return { id, answer: promise };
		},
		resolve: (id, json) => take(id)?.resolve(json),
		rejectReads: (reason) => {
			for (const [id, entry] of entries) if (!entry.isRepeatable) take(id)?.reject(new Error(reason));
		},
		forEach: (visit) => {
			for (const [id, entry] of entries) visit(id, entry);
		},
	};
}
