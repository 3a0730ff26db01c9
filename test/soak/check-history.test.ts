import { expect, test } from 'vitest';
import { checkHistory } from './check-history.ts';
import { parseHistory, toLine } from './history.ts';
import type { Operation } from './history.ts';

/** Two sales of one member: recorded, answered, stored, kept, shown. Nothing is wrong with it. */
const HONEST: readonly Operation[] = [
	...[1, 2].flatMap((seq): Operation[] => [
		{ type: 'invoked', terminal: 'T1', request: `r${seq}`, kind: 'sale' },
		{ type: 'recorded', terminal: 'T1', request: `r${seq}`, event: `e${seq}`, kind: 'sale', amountMinor: 1000 },
		{ type: 'answered', event: `e${seq}`, status: 'applied', appliedTo: 'm', appliedVer: seq + 1, points: 10 },
		{
			type: 'stored',
			event: `e${seq}`,
			terminal: 'T1',
			incarnation: 'i',
			seq,
			member: 'm',
			kind: 'checkout',
			status: 'applied',
			appliedTo: 'm',
			appliedVer: seq + 1,
			points: 10,
		},
		{ type: 'entry', event: `e${seq}`, debit: 'program', credit: 'member:m', amount: 10 },
		{ type: 'kept', terminal: 'T1', event: `e${seq}`, status: 'applied', appliedTo: 'm', appliedVer: seq + 1 },
	]),
	{ type: 'balance', member: 'm', opening: 5, points: 25 },
	{ type: 'shown', terminal: 'T1', member: 'm', points: 25 },
];

function without(type: Operation['type'], event: string): readonly Operation[] {
	return HONEST.filter((operation) => operation.type !== type || !('event' in operation) || operation.event !== event);
}

function changed<Type extends Operation['type']>(type: Type, change: Partial<Extract<Operation, { type: Type }>>): readonly Operation[] {
	const first = HONEST.findIndex((operation) => operation.type === type);
	return HONEST.map((operation, index) => (index === first ? { ...operation, ...change } : operation));
}

function invariantsOf(operations: readonly Operation[]): readonly string[] {
	return [...new Set(checkHistory(operations).violations.map(({ invariant }) => invariant))].toSorted();
}

test('an honest history is without a violation, also after it was written and read', () => {
	const read = parseHistory(HONEST.map(toLine).join(''));
	expect(checkHistory(read)).toEqual({ recorded: 2, applied: 2, rejected: 0, waiting: 0, violations: [] });
});

test('an acknowledged event that is nowhere is a loss', () => {
	const nowhere = without('stored', 'e1').filter((operation) => operation.type !== 'kept' && operation.type !== 'entry');
	expect(invariantsOf(nowhere)).toContain('I3');
});

test('an acknowledged event that waits in the outbox is none', () => {
	const waiting: readonly Operation[] = [
		{ type: 'invoked', terminal: 'T1', request: 'r', kind: 'sale' },
		{ type: 'recorded', terminal: 'T1', request: 'r', event: 'e', kind: 'sale', amountMinor: 1 },
		{ type: 'kept', terminal: 'T1', event: 'e', status: 'pending', appliedTo: null, appliedVer: null },
	];
	expect(checkHistory(waiting)).toMatchObject({ waiting: 1, violations: [] });
});

test('an event that nobody began to record is found, one that was cut off while recording is not', () => {
	const isOf = (operation: Operation, type: Operation['type']): boolean =>
		operation.type === type && 'request' in operation && operation.request === 'r1';
	const unacknowledged = HONEST.filter((operation) => !isOf(operation, 'recorded'));
	expect(invariantsOf(unacknowledged)).toEqual([]);
	expect(invariantsOf(unacknowledged.filter((operation) => !isOf(operation, 'invoked')))).toEqual(['I3']);
});

test('points that were moved twice for one event are found', () => {
	const twice: Operation = { type: 'entry', event: 'e1', debit: 'program', credit: 'member:m', amount: 10 };
	expect(invariantsOf([...HONEST, twice])).toEqual(['I1', 'I2']);
});

test('an answer that changes, or that headquarters has forgotten, is found', () => {
	expect(invariantsOf(changed('answered', { status: 'rejected' }))).toEqual(['I2']);
	expect(invariantsOf(changed('answered', { status: 'duplicate', appliedVer: 9 }))).toEqual(['I2']);
	expect(invariantsOf(changed('answered', { event: 'forgotten' }))).toEqual(['I11']);
});

test('an answer that settles nothing may come before any other', () => {
	expect(
		invariantsOf([{ type: 'answered', event: 'e1', status: 'deferred', appliedTo: null, appliedVer: null, points: null }, ...HONEST]),
	).toEqual([]);
});

test('events of one member that overtook each other are found', () => {
	expect(invariantsOf(changed('stored', { appliedVer: 7 }))).toContain('I4');
	expect(invariantsOf(changed('stored', { seq: 2 }))).toContain('I4');
});

test('a balance that its account does not explain is found, and a screen that says something else', () => {
	expect(invariantsOf(changed('balance', { opening: 6 }))).toEqual(['I1']);
	expect(invariantsOf(changed('shown', { points: 24 }))).toEqual(['I5']);
	expect(invariantsOf(changed('kept', { appliedVer: 1 }))).toEqual(['I5']);
});

test('a torn line is refused', () => {
	expect(() => parseHistory('{"type":"killed","process":"T1"}\n{"type":"kil')).toThrow(SyntaxError);
});
