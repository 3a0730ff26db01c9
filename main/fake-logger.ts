import type { Logger } from './ports.ts';

/** A log line as it was given. */
export type LogLine = { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly fields: object; readonly message: string };

/** A logger that keeps its lines. */
export function createFakeLogger(): Logger & { readonly lines: readonly LogLine[] } {
	const lines: LogLine[] = [];
	const keep =
		(level: LogLine['level']) =>
		(fields: object, message: string): void => {
			lines.push({ level, fields, message });
		};
	return { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error'), lines };
}
