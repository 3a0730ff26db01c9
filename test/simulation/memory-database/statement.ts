import { assert } from '#shared/lib/assert.ts';
import type { Transaction } from './transaction.ts';

/** Values of a statement, and what they are to it. */
export type Params = readonly unknown[];

/**
 * One statement of headquarters in JavaScript, recognised by how its text begins (white space does not count). What it does is pinned to the
 * real statement by `memory-database.contract.test.ts`.
 */
export type Statement = {
	readonly begins: string;
	/** Must also be somewhere in the text. */
	readonly has?: string;
	readonly run: (tx: Transaction, params: Params) => Promise<readonly object[]> | readonly object[];
};

export function textAt(params: Params, index: number): string {
	const value = params[index];
	assert(typeof value === 'string', () => `$${index + 1} is a text`);
	return value;
}

export function textOrNullAt(params: Params, index: number): string | null {
	return params[index] === null ? null : textAt(params, index);
}

export function numberAt(params: Params, index: number): number {
	const value = params[index];
	assert(typeof value === 'number', () => `$${index + 1} is a number`);
	return value;
}

export function textsAt(params: Params, index: number): readonly string[] {
	const value = params[index];
	assert(Array.isArray(value), () => `$${index + 1} is a list`);
	return value.map(String);
}

export function numbersAt(params: Params, index: number): readonly number[] {
	return textsAt(params, index).map(Number);
}

/** `string_to_array($n, ',')`: of an empty text an empty list. */
export function splitAt(params: Params, index: number): readonly string[] {
	const text = textAt(params, index);
	return text === '' ? [] : text.split(',');
}

/** `jsonb_to_recordset($n)`. */
export function recordsAt<Row>(params: Params, index: number): readonly Row[] {
	const value: unknown = JSON.parse(textAt(params, index));
	assert(Array.isArray(value), () => `$${index + 1} is a list of records`);
	// Written by the module whose statement this is, column by column; the contract test compares what comes of it.
	return value as readonly Row[];
}

/** Those that are there. */
export function present<T>(values: readonly (T | undefined)[]): T[] {
	return values.filter((value) => value !== undefined);
}

/** In the order in which every transaction of headquarters locks: by id. */
export function inOrderOfIds(ids: readonly string[]): readonly string[] {
	return [...new Set(ids)].toSorted((left, right) => (left < right ? -1 : 1));
}
