import { createHash } from 'node:crypto';

/** Objects and lists inside each other. Deeper is no event. */
const DEPTH_MAX = 24;

/**
 * SHA-256 of what an event says: `customer`, `external_id`, `action` and `data` as JSON with sorted keys. Its place in the order, its age and
 * `force_stub` are not part of it: they change when the same event is sent again. `null` when it cannot be stored: a text with a zero
 * character or half a surrogate pair (PostgreSQL refuses both), or too deep.
 */
export function contentHashOf(item: Readonly<Record<string, unknown>>): string | null {
	const text = canonicalJson(
		{ customer: item['customer'], external_id: item['external_id'], action: item['action'], data: item['data'] },
		0,
	);
	return text === null ? null : createHash('sha256').update(text).digest('hex');
}

function canonicalJson(value: unknown, depth: number): string | null {
	if (depth > DEPTH_MAX) return null;
	if (typeof value === 'string') return isStorable(value) ? JSON.stringify(value) : null;
	if (Array.isArray(value))
		return joinAll(
			value.map((item: unknown) => canonicalJson(item, depth + 1)),
			'[',
			']',
		);
	if (typeof value === 'object' && value !== null) return canonicalObject(Object.entries(value), depth);
	// Numbers beyond JSON's (1e999 parses to Infinity) become null, as they would in storage.
	return JSON.stringify(value ?? null);
}

function canonicalObject(entries: [string, unknown][], depth: number): string | null {
	const sorted = entries.filter(([, value]) => value !== undefined).toSorted(([left], [right]) => (left < right ? -1 : 1));
	const parts = sorted.map(([key, value]) => {
		const text = isStorable(key) ? canonicalJson(value, depth + 1) : null;
		return text === null ? null : `${JSON.stringify(key)}:${text}`;
	});
	return joinAll(parts, '{', '}');
}

function joinAll(parts: readonly (string | null)[], open: string, close: string): string | null {
	return parts.includes(null) ? null : open + parts.join(',') + close;
}

function isStorable(text: string): boolean {
	return text.isWellFormed() && !text.includes('\u0000');
}
