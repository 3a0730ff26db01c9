/** Values out of a row, whose types SQLite tells nobody. The schemas are made once: making one takes longer than a look-up's whole check. */
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import type { SqlRow } from './connection.ts';

const TextSchema = z.string();
const NullableTextSchema = z.string().nullable();
const NumberSchema = z.number();
const NullableIntegerSchema = z.int().nullable();

/** What the JSON text in a column says. Throws when it is no text, or no JSON. */
export function jsonIn(row: SqlRow, column: string): unknown {
	return JSON.parse(TextSchema.parse(row[column]));
}

/** The same of a column that may be empty: `null`. */
export function nullableJsonIn(row: SqlRow, column: string): unknown {
	const text = NullableTextSchema.parse(row[column]);
	return text === null ? null : JSON.parse(text);
}

/** The number in a column of a row that must be there. */
export function numberIn(row: SqlRow | null, column: string): number {
	return NumberSchema.parse(must(row, column)[column]);
}

/** The same of a column that may be empty. */
export function nullableIntegerIn(row: SqlRow | null, column: string): number | null {
	return NullableIntegerSchema.parse(must(row, column)[column]);
}
