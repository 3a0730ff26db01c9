/**
 * Stops the program when something that cannot happen has happened. On in production:
 * points and money are safer in a process that restarts from its outbox than in one that guesses.
 */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
	if (condition) return;
	throw new AssertionError(typeof message === 'function' ? message() : message);
}

/** The error of a broken assumption. Never caught to go on, only to be logged on the way out. */
export class AssertionError extends Error {
	override readonly name = 'AssertionError';
}

/** The value, which must be there. `what` names it in the error. */
export function must<T>(value: T | null | undefined, what: string): T {
	assert(value !== null && value !== undefined, () => `missing: ${what}`);
	return value;
}

/** Ends a switch over a closed union: a new member that nobody handles does not compile. */
export function unreachable(value: never): never {
	throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
