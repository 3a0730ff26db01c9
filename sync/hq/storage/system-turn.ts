import { setImmediate } from 'node:timers/promises';

/** Resolves in the next turn of the event loop, after what sockets and timers have waiting. */
export function nextTurn(): Promise<void> {
	return setImmediate();
}
