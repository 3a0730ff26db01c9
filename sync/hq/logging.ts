import pino from 'pino';
import type { Logger } from 'pino';

/**
 * Headquarters' log: JSON lines on stderr. The database's errors are written without their texts: message, detail and parameters
 * quote the values of the row, which are a member's data.
 */
export function createLogger(level: pino.LevelWithSilent): Logger {
	return pino({ level, base: null, serializers: { error: describeError, err: describeError } }, pino.destination({ fd: 2, sync: true }));
}

/** What of an error may be written down: its kind, where it happened, and the database's own names. */
export function describeError(error: unknown): Record<string, unknown> {
	if (!(error instanceof Error)) return { kind: typeof error };
	const database = 'code' in error ? { code: error.code, ...pick(error, ['table', 'column', 'constraint', 'routine', 'severity']) } : {};
	const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
	// What is neither the database's nor the system's is ours or a library's, and speaks of code.
	const message = 'code' in error ? {} : { message: error.message.slice(0, 500) };
	return { kind: error.name, ...message, ...database, stack: frames.slice(0, 12).join('\n') };
}

function pick(error: Error, names: readonly string[]): Record<string, unknown> {
	return Object.fromEntries(Object.entries(error).filter(([name, value]) => names.includes(name) && typeof value === 'string'));
}
