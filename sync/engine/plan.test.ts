import { describe, expect, test } from 'vitest';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { classifyFailure } from '../transport/classify-failure.ts';
import { isWorthACheapTry, PACE, planContact, planPush, REACTIONS, waitAsToldMs } from './plan.ts';
import type { ContactFacts, PushFacts } from './plan.ts';

const NOW_MS = 1_000_000;
/** Online, greeted a moment ago, drained, loaded, a pull is due. */
const CONTACT: ContactFacts = {
	nowMs: NOW_MS,
	isHalted: false,
	isOnline: true,
	notBeforeMs: 0,
	isHelloAsked: false,
	helloAgeMs: 10,
	isPushDone: true,
	isLoadNeeded: false,
	isSealing: false,
	hasWaiting: false,
	pullDueAtMs: NOW_MS,
	pullNotBeforeMs: 0,
};
const PUSH: PushFacts = { nowMs: NOW_MS, isHalted: false, isOnline: true, notBeforeMs: 0, mayHaveWork: true, dueAtMs: null };

describe('the next step of a contact', () => {
	test.each([
		['a pull that is due', {}, { kind: 'pull' }],
		['a pull that is not due', { pullDueAtMs: NOW_MS + 7 }, { kind: 'rest', untilMs: NOW_MS + 7 }],
		['a pull that is due but not wanted yet', { pullNotBeforeMs: NOW_MS + 9 }, { kind: 'rest', untilMs: NOW_MS + 9 }],
		['a load that is needed, whenever a pull is due', { isLoadNeeded: true, pullDueAtMs: NOW_MS + 7 }, { kind: 'load' }],
		['a load that failed a moment ago', { isLoadNeeded: true, pullNotBeforeMs: NOW_MS + 9 }, { kind: 'rest', untilMs: NOW_MS + 9 }],
		['entries to push before a pull', { isPushDone: false }, { kind: 'push' }],
		['entries to push before a load', { isPushDone: false, isLoadNeeded: true }, { kind: 'push' }],
		[
			'entries to push while no pull is due: the other lane does it',
			{ isPushDone: false, pullDueAtMs: NOW_MS + 7 },
			{ kind: 'rest', untilMs: NOW_MS + 7 },
		],
		['a sealed terminal with something to push', { isSealing: true, isPushDone: false, isLoadNeeded: true }, { kind: 'push' }],
		[
			'a sealed terminal whose entries wait',
			{ isSealing: true, hasWaiting: true },
			{ kind: 'rest', untilMs: NOW_MS + PACE.helloFreshMs - 10 },
		],
		['a sealed terminal that has nothing left', { isSealing: true, helloAgeMs: PACE.sealedHelloMs }, { kind: 'hello' }],
		['an old hello before everything', { helloAgeMs: PACE.helloFreshMs, isPushDone: false }, { kind: 'hello' }],
		[
			'an old hello while no pull is due',
			{ helloAgeMs: PACE.helloFreshMs, pullDueAtMs: NOW_MS + 7 },
			{ kind: 'rest', untilMs: NOW_MS + 7 },
		],
		['the first hello', { helloAgeMs: null, isOnline: false }, { kind: 'hello' }],
		['a hello that is asked for, at once', { isHelloAsked: true, pullDueAtMs: NOW_MS + 7 }, { kind: 'hello' }],
		['a line that is down and may be tried', { isOnline: false, pullDueAtMs: NOW_MS + 7 }, { kind: 'hello' }],
		[
			'a line that is down and may not be tried yet',
			{ isOnline: false, isHelloAsked: true, notBeforeMs: NOW_MS + 5 },
			{ kind: 'rest', untilMs: NOW_MS + 5 },
		],
		['a terminal that was revoked', { isHalted: true, isHelloAsked: true }, { kind: 'halt' }],
	] as const)('%s', (_name, change, step) => {
		expect(planContact({ ...CONTACT, ...change })).toEqual(step);
	});
});

describe('the next step of the push', () => {
	test.each([
		['something recorded', {}, { kind: 'send' }],
		['nothing recorded', { mayHaveWork: false }, { kind: 'rest', untilMs: null }],
		['an entry that waits for its time', { mayHaveWork: false, dueAtMs: NOW_MS + 3 }, { kind: 'rest', untilMs: NOW_MS + 3 }],
		['an entry whose time has come', { mayHaveWork: false, dueAtMs: NOW_MS }, { kind: 'send' }],
		['told to wait', { notBeforeMs: NOW_MS + 4 }, { kind: 'rest', untilMs: NOW_MS + 4 }],
		['the line down: only a ring ends the rest', { isOnline: false, dueAtMs: NOW_MS }, { kind: 'rest', untilMs: null }],
		['revoked', { isHalted: true }, { kind: 'halt' }],
	] as const)('%s', (_name, change, step) => {
		expect(planPush({ ...PUSH, ...change })).toEqual(step);
	});
});

test.each([
	[{ offlineForMs: 5_000, sinceLastTryMs: 5_000, isToldToWait: false }, true],
	[{ offlineForMs: 4_999, sinceLastTryMs: 5_000, isToldToWait: false }, false],
	[{ offlineForMs: 5_000, sinceLastTryMs: 4_999, isToldToWait: false }, false],
	[{ offlineForMs: 50_000, sinceLastTryMs: 50_000, isToldToWait: true }, false],
])('a sale with %o is worth a try: %s', (facts, expected) => {
	expect(isWorthACheapTry(facts)).toBe(expected);
});

test('a time that headquarters gave is kept to, with a little on top that differs from terminal to terminal', () => {
	const { error } = classifyFailure({ at: 'answer', status: 429, envelope: null, retryAfterMs: 7_000 }, 'push');
	const waits = Array.from({ length: 50 }, (_, seed) => waitAsToldMs(error, seededRandom(seed)));
	expect(Math.min(...waits)).toBeGreaterThanOrEqual(7_000);
	expect(Math.max(...waits)).toBeLessThan(8_000);
	expect(new Set(waits).size).toBeGreaterThan(40);
});

test('the wait between pulls never lets a hello stay fresh for the next one', () => {
	expect(PACE.pullEvery.leastMs).toBeGreaterThanOrEqual(PACE.helloFreshMs);
});

test('only a refusal of the whole request halves, only a revocation halts, and nothing ever drops an entry', () => {
	const by = (reaction: string): string[] => Object.entries(REACTIONS).flatMap(([kind, on]) => (on.push === reaction ? [kind] : []));
	expect(by('halve')).toEqual(['request_refused']);
	expect(by('halt')).toEqual(['revoked']);
	expect(by('suspect')).toEqual(['cut', 'late', 'fault', 'damaged_file']);
});
