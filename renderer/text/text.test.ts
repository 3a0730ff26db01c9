import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '#shared/errors/error-codes.ts';
import { en } from './en.ts';
import type { MessageId } from './en.ts';
import { errorSentences } from './errors.ts';
import { errorSentencesHu } from './errors-hu.ts';
import { hu } from './hu.ts';
import { createText } from './text.ts';

const ids = Object.keys(en) as MessageId[];
const NOW_MS = new Date(2026, 10, 22, 9, 41).getTime();

/** The names of the values that a message takes, wherever they stand in it. */
function valuesOf(message: string): string[] {
	const names = new Set<string>();
	const visit = (node: unknown): void => {
		if (Array.isArray(node)) return node.forEach(visit);
		if (typeof node !== 'object' || node === null) return;
		if ('type' in node && 'value' in node && typeof node.type === 'number' && node.type >= 1 && node.type <= 6)
			names.add(String(node.value));
		Object.values(node).forEach(visit);
	};
	visit(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst());
	return [...names].sort();
}

describe('both languages', () => {
	test('have every message', () => {
		expect(Object.keys(hu).sort()).toEqual([...ids].sort());
	});

	test.each(ids)('%s says nothing in Hungarian that it was not given', (id) => {
		const given = valuesOf(en[id]);
		expect(valuesOf(hu[id]).filter((name) => !given.includes(name))).toEqual([]);
	});

	test('have a sentence for every failure, and no other', () => {
		expect(Object.keys(errorSentences).sort()).toEqual([...ERROR_CODES].sort());
		expect(Object.keys(errorSentencesHu).sort()).toEqual([...ERROR_CODES].sort());
	});

	test('end what to do with a full stop and the title with none', () => {
		for (const { title, body } of [...Object.values(errorSentences), ...Object.values(errorSentencesHu)]) {
			expect(title).not.toMatch(/\.$/);
			expect(body).toMatch(/\.$/);
		}
	});
});

describe('numbers and moments', () => {
	const text = createText('en-GB');

	test('an amount has the digits of its currency', () => {
		expect(text.money(4190, 'EUR')).toBe('41.90 EUR');
		expect(text.money(4190, 'JPY')).toBe('4,190 JPY');
		expect(text.money(4190, 'KWD')).toBe('4.190 KWD');
		expect(createText('hu-HU').amount(4190, 'EUR')).toBe('41,90');
	});

	test('points carry their sign, nothing carries none', () => {
		expect([41, 0, -36].map(text.signed)).toEqual(['+41', '0', '−36']);
	});

	test('a moment of today is its time, any other says its day', () => {
		expect(text.moment(NOW_MS - 3_600_000, NOW_MS)).toBe('08:41');
		expect(text.moment(new Date(2026, 10, 19, 2, 14).getTime(), NOW_MS)).toBe('19 Nov, 02:14');
		expect(text.day(new Date(2025, 10, 19).getTime(), NOW_MS)).toBe('19 Nov 2025');
		expect(text.date('2026-12-31', NOW_MS)).toBe('31 Dec');
	});

	test('a span is told in its two largest units', () => {
		expect([26_820_000, 180_000, 40_000, 259_200_000, -5].map(text.span)).toEqual(['7 h 27 min', '3 min', '40 s', '3 days', '0 s']);
	});
});

describe('locales', () => {
	test('Hungarian is spoken where it is asked for, English elsewhere', () => {
		expect(createText('hu-HU').t('ready.scan')).toBe('Olvasson be egy kártyát');
		expect(createText('fr-FR').t('ready.scan')).toBe('Scan a card');
	});

	test('from right to left every piece keeps its own direction', () => {
		const text = createText('ar-EG');
		expect(text.direction).toBe('rtl');
		expect(text.t('ready.scan')).toBe('\u2068Scan a card\u2069');
		expect(createText('en-GB', 'rtl').signed(90)).toBe('\u2068+90\u2069');
		expect(createText('en-GB', 'rtl').amount(90, 'EUR')).toBe('0.90');
	});

	test('plurals follow the number', () => {
		const text = createText('en-GB');
		expect(text.t('earn.give', { points: 1, shown: '1' })).toBe('Give 1 point');
		expect(text.t('earn.give', { points: 41, shown: '41' })).toBe('Give 41 points');
	});
});
