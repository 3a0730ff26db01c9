import { events } from '#shared/bridge/contract.ts';
import type { EventName, EventPayload } from '#shared/bridge/contract.ts';
import type { Timers } from '#shared/lib/clock.ts';
import type { Logger } from '../ports.ts';

/** The shortest time between two events of one name: a screen is drawn no faster, and a pull touches the replica hundreds of times. */
const QUIET_MS = 100;

type Listener = (name: EventName, json: string) => void;
type Producers = { readonly [N in EventName]: () => Promise<EventPayload<N>> | EventPayload<N> };

/**
 * Tells windows what changed. Owns the throttle: of many changes of one name the first is told at once and the last state always is. Payloads
 * are made when they are sent, never when the change was noticed. In memory only.
 */
export type EventPublisher = {
	readonly publish: (name: EventName) => void;
	readonly onEvent: (listener: Listener) => () => void;
	/** Nothing is told any more. */
	readonly close: () => void;
};

export function createEventPublisher(options: {
	readonly producers: Producers;
	readonly timers: Timers;
	readonly logger: Logger;
}): EventPublisher {
	const { producers, timers, logger } = options;
	const listeners = new Set<Listener>();
	/** Names that were told lately, and whether there is more to tell. */
	const quiet = new Map<EventName, { hasMore: boolean; readonly cancel: () => void }>();
	let isClosed = false;

	function tell(name: EventName): void {
		const cancel = timers.after(QUIET_MS, () => {
			const hasMore = quiet.get(name)?.hasMore === true;
			quiet.delete(name);
			if (hasMore) tell(name);
		});
		quiet.set(name, { hasMore: false, cancel });
		void send(name);
	}

	async function send(name: EventName): Promise<void> {
		if (listeners.size === 0) return;
		try {
			const json = JSON.stringify(events[name].parse(await producers[name]()));
			// It may have been closed while the payload was read.
			if (!isClosed) for (const listener of listeners) listener(name, json);
		} catch (cause) {
			logger.error({ err: cause, event: name }, 'an event could not be told');
		}
	}

	return {
		publish: (name) => {
			if (isClosed) return;
			const lately = quiet.get(name);
			if (lately === undefined) tell(name);
			else lately.hasMore = true;
		},
		onEvent: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		close: () => {
			isClosed = true;
			for (const { cancel } of quiet.values()) cancel();
			quiet.clear();
			listeners.clear();
		},
	};
}
