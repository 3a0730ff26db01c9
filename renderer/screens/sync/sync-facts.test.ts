import { expect, test } from 'vitest';
import { NOW_MS, offline, status } from '../../bridge/scripted/fixtures.ts';
import { createText } from '../../text/text.ts';
import { clockFacts, contactFacts, memberFacts, waitingFacts } from './sync-facts.ts';
import type { Fact } from './sync-facts.ts';

const text = createText('en-GB');
const values = (facts: readonly Fact[]) => facts.map(({ value }) => value);

test('contact: when, and when next', () => {
	const facts = contactFacts({ ...offline, lastPullAtMs: null }, NOW_MS, text);
	expect(facts.map(({ label }) => label)).toEqual(['Last sent', 'Last fetched', 'Next try']);
	expect(values(facts).slice(1)).toEqual(['never yet', 'in 40 s']);
	expect(contactFacts({ ...offline, nextTryAtMs: NOW_MS }, NOW_MS, text)).toHaveLength(2);
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
