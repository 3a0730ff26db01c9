import { expect, test } from 'vitest';
import { budgetsToMarkdown, judge } from './budgets.ts';
import { format, formatRuns, medianOf, toMarkdown } from './section.ts';

const SECTION = {
	title: 'Loads',
	columns: [
		{ key: 'rate', heading: 'rows/s', against: ['Limit'] },
		{ key: 'size', heading: 'MiB' },
	],
	rows: [
		{ name: 'Ours', values: { rate: [300, 100, 200], size: [12.34] }, note: 'a | b' },
		{ name: 'Limit', values: { rate: [400] } },
		{ name: 'Peer', values: {}, missing: 'does not install' },
	],
	notes: ['Nothing is compared with itself alone.'],
};

test('a table has medians with their range, ratios of medians, and the reason where nothing was measured', () => {
	expect(toMarkdown(SECTION).split('\n')).toEqual([
		'## Loads',
		'',
		'|  | rows/s | × Limit | MiB | note |',
		'| --- | --- | --- | --- | --- |',
		String.raw`| Ours | 200 (100–300) | 0.500 | 12.3 | a \| b |`,
		'| Limit | 400 | 1 | – |  |',
		'| Peer | – | – | – | does not install |',
		'',
		'- Nothing is compared with itself alone.',
		'',
	]);
});

test('a ratio to a row that is not there is left empty', () => {
	const [ours] = SECTION.rows;
	const alone = { ...SECTION, rows: ours === undefined ? [] : [ours] };
	expect(toMarkdown(alone)).toContain('| Ours | 200 (100–300) | – |');
});

test('values are told with three digits, thousands whole', () => {
	expect([0, 2, 0.123456, 12.345, 123.456, 1234.5, 1_234_567].map(format)).toEqual([
		'0',
		'2',
		'0.123',
		'12.3',
		'123',
		'1,235',
		'1,234,567',
	]);
});

test('runs that came to the same have no range, and runs that were not measured do not count', () => {
	expect(formatRuns([0.12341, 0.12342])).toBe('0.123');
	expect(formatRuns([Number.NaN, 2])).toBe('2');
	expect(formatRuns([Number.NaN])).toBe('–');
});

test('the median of a row that is missing is no number', () => {
	expect(medianOf(undefined, 'rate')).toBeNaN();
	expect(medianOf(SECTION.rows[1], 'size')).toBeNaN();
});

test('a budget is met up to its limit and not measured without a value', () => {
	const budget = { path: 'p99', most: 0.2, unit: 'ms' };
	expect(judge({ ...budget, measured: 0.2 })).toBe('met');
	expect(judge({ ...budget, measured: 0.21 })).toBe('missed');
	expect(judge({ ...budget, measured: Number.NaN })).toBe('not measured');
	expect(judge({ path: 'ingest', least: 10, unit: '', measured: 9 })).toBe('missed');
	expect(judge({ path: 'ingest', least: 10, unit: '', measured: 10 })).toBe('met');
});

test('the table of budgets says limit, figure and verdict', () => {
	const table = budgetsToMarkdown([
		{ path: 'look-up', most: 0.2, unit: 'ms', measured: 0.15 },
		{ path: 'flushes', least: 1, most: 1.05, unit: '', measured: 2 },
		{ path: 'feed', most: 50, unit: 'ms', measured: Number.NaN },
	]);
	expect(table).toContain('| look-up | ≤ 0.200 ms | 0.150 ms | met |');
	expect(table).toContain('| flushes | ≥ 1, ≤ 1.05 | 2 | missed |');
	expect(table).toContain('| feed | ≤ 50 ms | – | not measured |');
});
