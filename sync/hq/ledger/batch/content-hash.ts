import { createHash } from 'node:crypto';
import { EVENT_BYTES_MAX } from '#shared/wire/limits.ts';

/** Objects and lists inside each other. Deeper is no event. */
const DEPTH_MAX = 24;

/**
 * SHA-256 of what an event says: `customer`, `external_id`, `action` and `data` as JSON with sorted keys. Its place in the order, its age and
 * `force_stub` are not part of it: they change when the same event is sent again. `null` when it cannot be stored: a text with a zero
 * character or half a surrogate pair (PostgreSQL refuses both), too deep, or above `EVENT_BYTES_MAX`.
 */
export function contentHashOf(item: Readonly<Record<string, unknown>>): string | null {
	const text = canonicalJson(
		{ customer: item['customer'], external_id: item['external_id'], action: item['action'], data: item['data'] },
		0,
	);
	if (text === null || Buffer.byteLength(text) > EVENT_BYTES_MAX) return null;
	return createHash('sha256').update(text).digest('hex');
}

function canonicalJson(value: unknown, depth: number): string | null {
	if (depth > DEPTH_MAX) return null;
	if (typeof value === 'string') return isStorable(value) ? JSON.stringify(value) : null;
	// Numbers beyond JSON's (1e999 parses to Infinity) become null, as they would in storage.
	if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
	return Array.isArray(value) ? canonicalList(value, depth) : canonicalObject(value, depth);
}

// Text is put together by hand: this is done for every event, and lists in between cost half as much again.
function canonicalList(values: readonly unknown[], depth: number): string | null {
	let text = '[';
	for (const value of values) {
		const part = canonicalJson(value, depth + 1);
		if (part === null) return null;
		text += text.length === 1 ? part : `,${part}`;
	}
	return `${text}]`;
}

function canonicalObject(object: object, depth: number): string | null {
	const entries: [string, unknown][] = Object.entries(object);
	entries.sort(([left], [right]) => (left < right ? -1 : 1));
	let text = '{';
	for (const [key, value] of entries) {
		if (value === undefined) continue;
		const part = isStorable(key) ? canonicalJson(value, depth + 1) : null;
		if (part === null) return null;
		text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${part}`;
	}
	return `${text}}`;
}

function isStorable(text: string): boolean {
	return text.isWellFormed() && !text.includes('\u0000');
}
