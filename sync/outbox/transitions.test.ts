import { expect, test } from 'vitest';
import { ENTRY_STATUSES, WAITING_STATUSES } from './entry.ts';
import type { EntryStatus } from './entry.ts';
import { nextStatus, sourcesOf, TRANSITIONS } from './transitions.ts';
import type { EntryEvent, Transition } from './transitions.ts';

const EVENTS = [
	'applied',
	'duplicate',
	'rejected',
	'deferred',
	'fork',
	'mismatch',
	'take',
	'recover',
	'release',
	'lose_answer',
	'park',
	'void',
	'resend',
	'reoffer',
	'close',
] as const satisfies readonly EntryEvent[];

/** One row per status, one letter per event in the order of `EVENTS`: the next status, `.` ignored, `!` impossible. */
const EXPECTED: Record<EntryStatus, string> = {
	//        a d r d f m t r r l p v r r c
	//        p u e e o i a e e o a o e e l
	pending: 'a a r d p k s . . . k v . . .',
	sending: 'a a r d p k ! p p u k . . . .',
	applied: '. . . . . . ! . . . . . . p .',
	rejected: '. . . . . . ! . . . . . p p c',
	deferred: 'a a r . d k s . . . k . . . .',
	unknown: 'a a r d p k ! . . . k . . . .',
	parked: 'a a r . . . s . . . k . p . .',
	voided: 'a a . . . . ! . . . . . . . .',
	closed: '. . . . . . ! . . . . . . . .',
};
const LETTERS: Record<string, Transition> = {
	p: 'pending',
	s: 'sending',
	a: 'applied',
	r: 'rejected',
	d: 'deferred',
	u: 'unknown',
	k: 'parked',
	v: 'voided',
	c: 'closed',
	'.': 'ignored',
	'!': 'impossible',
};

const CELLS = ENTRY_STATUSES.flatMap((status) =>
	EVENTS.map((event, index) => ({ status, event, expected: LETTERS[EXPECTED[status].split(' ')[index] ?? ''] })),
);

test.each(CELLS)('an entry that is $status answers $event with $expected', ({ status, event, expected }) => {
	expect(TRANSITIONS[status][event]).toBe(expected);
});

test('the events of the test are all events of the table', () => {
	for (const status of ENTRY_STATUSES) expect(Object.keys(TRANSITIONS[status]).toSorted()).toEqual([...EVENTS].toSorted());
});

test('nextStatus gives null for what is ignored and refuses what is impossible', () => {
	expect(nextStatus('applied', 'rejected')).toBeNull();
	expect(nextStatus('sending', 'duplicate')).toBe('applied');
	expect(() => nextStatus('sending', 'take')).toThrow('take cannot happen to an entry that is sending');
});

test('no answer of headquarters moves an entry out of applied, rejected or closed', () => {
	for (const status of ['applied', 'rejected', 'closed'] as const) {
		for (const answer of ['applied', 'duplicate', 'rejected', 'deferred', 'fork', 'mismatch'] as const) {
			expect(nextStatus(status, answer)).toBeNull();
		}
	}
});

test('what a manager has closed stays closed, whatever happens', () => {
	for (const event of EVENTS) expect(['ignored', 'impossible']).toContain(TRANSITIONS.closed[event]);
	expect(sourcesOf('close')).toEqual({ from: ['rejected'], to: 'closed' });
});

test('an entry that waits is settled by headquarters in every status', () => {
	for (const status of WAITING_STATUSES) {
		expect(nextStatus(status, 'applied')).toBe('applied');
		expect(nextStatus(status, 'rejected')).toBe('rejected');
	}
});

test('sourcesOf tells which statuses an event changes, and into what', () => {
	expect(sourcesOf('recover')).toEqual({ from: ['sending'], to: 'pending' });
	expect(sourcesOf('reoffer')).toEqual({ from: ['applied', 'rejected'], to: 'pending' });
	expect(() => sourcesOf('fork')).toThrow('fork leads to one status');
});
