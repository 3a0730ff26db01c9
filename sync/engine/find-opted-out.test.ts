import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findOptedOut } from './find-opted-out.ts';

const lineOf = (rows: readonly unknown[], space?: number): Uint8Array => new TextEncoder().encode(JSON.stringify(rows, null, space));
const row = (id: string, status: string, more: readonly unknown[] = []): readonly unknown[] => [id, 3, status, null, ...more];

test('finds those who opted out, in every line, however the JSON is spaced', () => {
	const rows = [row('a', 'active'), row('b', 'opted_out'), row('c', 'merged'), row('d', 'opted_out')];
	expect(findOptedOut([lineOf(rows), lineOf([row('e', 'opted_out')], 1), lineOf([])])).toEqual(['b', 'd', 'e']);
});

test('the word elsewhere in a row means nothing', () => {
	const rows = [
		row('a', 'active', ['opted_out', ['opted_out'], { note: 'opted_out' }]),
		row('b', 'active', [['c', 3, 'x'], '["d",1,"opted_out"', 'opted_out']),
	];
	expect(findOptedOut([lineOf(rows)])).toEqual([]);
});

test('agrees with decoding whatever stands in the rows', () => {
	const statuses = fc.constantFrom('active', 'opted_out', 'merged');
	const rows = fc.array(
		fc.tuple(fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/), statuses, fc.array(fc.oneof(fc.string(), fc.constant('opted_out'), fc.integer()))),
	);
	fc.assert(
		fc.property(rows, (members) => {
			const line = lineOf(members.map(([id, status, more]) => row(id, status, more)));
			expect(findOptedOut([line])).toEqual(members.flatMap(([id, status]) => (status === 'opted_out' ? [id] : [])));
		}),
	);
});
