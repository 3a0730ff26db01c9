import { expect, test } from 'vitest';
import { night, NOW_MS, offline, status } from '../../bridge/scripted/fixtures.ts';
import { createText } from '../../text/text.ts';
import { clockFacts, contactFacts, memberFacts, nightWords, waitingFacts } from './sync-facts.ts';
import type { Fact } from './sync-facts.ts';

const text = createText('en-GB');
const values = (facts: readonly Fact[]) => facts.map(({ value }) => value);

test('contact: when, and when next', () => {
	const facts = contactFacts({ ...offline, lastPullAtMs: null }, NOW_MS, text);
	expect(facts.map(({ label }) => label)).toEqual(['Last sent', 'Last fetched', 'Next try']);
	expect(values(facts).slice(1)).toEqual(['never yet', 'in 40 s']);
	expect(values(contactFacts({ ...offline, nextTryAtMs: NOW_MS }, NOW_MS, text)).at(-1)).toBe('–');
});

test.each([
	['in a while', {}, 'in 48 s'],
	['under way', { nextPullAtMs: NOW_MS - 1 }, 'now'],
	['not known yet', { nextPullAtMs: null }, 'now'],
	['held open by headquarters', { isPullHeld: true }, 'on any change'],
])('the next fetch is %s', (_when, change, words) => {
	const [, , next] = contactFacts(status(change), NOW_MS, text);
	expect(next).toMatchObject({ label: 'Next fetch', value: words });
});

test('the night: when it was done, and what the comparison found', () => {
	const compared = { atMs: NOW_MS, members: 1_000_000, shards: 256, differed: 0, notCompared: 0 };
	const told = (change: Partial<typeof compared>) => nightWords({ ...night, compared: { ...compared, ...change } }, NOW_MS, text)[1];
	expect(nightWords({ ...night, doneAtMs: null, compared: null }, NOW_MS, text)).toEqual(['Not done yet']);
	expect(told({})).toMatch(/all 1,000,000 members the same$/);
	expect(told({ differed: 1 })).toMatch(/1 of 256 parts differed and was loaded again$/);
	expect(told({ differed: 2, notCompared: 3 })).toMatch(/2 of 256 parts differed and were loaded again$/);
	expect(told({ notCompared: 3 })).toMatch(/the same but for 3 of 256 parts that kept changing$/);
});

test('members: how many and how old; none while there are none', () => {
	expect(values(memberFacts(offline, NOW_MS, text)).filter((_value, index) => index !== 1)).toEqual(['1,000,000', '7 h 27 min']);
	expect(values(memberFacts(status({ members: { phase: 'loading', rows: 41, asOfMs: 0 } }), NOW_MS, text))).toEqual(['41']);
	expect(values(memberFacts(status({ members: { phase: 'empty', rows: 0, asOfMs: 0 } }), NOW_MS, text))).toEqual(['not loaded yet']);
});

test('waiting is amber, what needs a person red, nothing is neither', () => {
	expect(waitingFacts(status({ waiting: 3, needsPerson: 1 }), text).map(({ tone }) => tone)).toEqual(['attention', 'alarming']);
	expect(waitingFacts(status(), text).map(({ tone }) => tone)).toEqual([undefined, undefined]);
});

test.each([
	[0, 'right', undefined],
	[-1999, 'right', undefined],
	[-61_000, '1 min ahead', undefined],
	[190_000, '3 min behind', 'alarming'],
])('a skew of %d ms: %s', (clockSkewMs, words, tone) => {
	expect(clockFacts(status({ clockSkewMs }), NOW_MS, text)[0]).toMatchObject({ value: words, tone });
});

test('the clock of headquarters is not known before they met', () => {
	expect(values(clockFacts(status({ lastPushAtMs: null, lastPullAtMs: null }), NOW_MS, text))).toEqual(['never yet']);
});
