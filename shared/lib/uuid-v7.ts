import { assert } from './assert.ts';
import type { Random } from './clock.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUID version 7 (RFC 9562 §5.7) from an injected time and randomness, so that a simulation is repeatable from its seed.
 * The `uuid` package keeps hidden state between calls and would not be. `nowMs` is unix milliseconds.
 */
export function uuidV7(nowMs: number, random: Random): string {
	assert(Number.isInteger(nowMs) && nowMs >= 0 && nowMs < 2 ** 48, 'time fits in 48 bits');
	const bytes = random.bytes(16);
	assert(bytes.length === 16, 'sixteen random bytes');
	let rest = nowMs;
	for (let index = 5; index >= 0; index -= 1) {
		bytes[index] = rest % 256;
		rest = Math.floor(rest / 256);
	}
	bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
	bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
	const hex = Array.from(bytes, (byte) => HEX[byte]).join('');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
