import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RECORD_BYTES_MAX, readRecords } from './records.ts';
import type { Place, RawRecord, RecordForm } from './records.ts';

const CSV: RecordForm = { delimiter: ',' };
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-records-'));
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

test('a record goes on over line ends inside quotes, and lines are counted all the same', async () => {
	const { records } = await read('a,b\n"x\ny","1"\r\n\n"say ""hi""\n\n",2\nlast,3');
	expect(records).toEqual([
		{ line: 1, text: 'a,b' },
		{ line: 2, text: '"x\ny","1"' },
		{ line: 5, text: '"say ""hi""\n\n",2' },
		{ line: 8, text: 'last,3' },
	]);
});

test('a quote inside an unquoted field opens nothing', async () => {
	const { records } = await read('5" pipe,1\nnext,2\n');
	expect(records.map(({ line }) => line)).toEqual([1, 2]);
});

test('a quote that is never closed costs its own line alone', async () => {
	const { records } = await read('a,1\n"open,2\nb,3\nc,4\n');
	expect(records).toEqual([
		{ line: 1, text: 'a,1' },
		{ line: 2, problem: 'a quote is not closed' },
		{ line: 3, text: 'b,3' },
		{ line: 4, text: 'c,4' },
	]);
});

test('a quote that is never closed costs its own line alone far from the end, too', async () => {
	const rows = Array.from({ length: 60_000 }, (_, index) => `member ${index},${index}`);
	const { records } = await read(['"open,2', ...rows].join('\n'));
	expect(records[0]).toEqual({ line: 1, problem: 'a quote is not closed' });
	expect(records.slice(1)).toEqual(rows.map((text, index) => ({ line: index + 2, text })));
});

test.each([RECORD_BYTES_MAX + 1, 3_000_000])('a line of %d bytes is passed over, and reading goes on behind it', async (length) => {
	for (const form of [CSV, { delimiter: null }]) {
		const { records } = await read(`first\n${'x'.repeat(length)}\nsecond`, { form });
		expect(records).toEqual([
			{ line: 1, text: 'first' },
			{ line: 2, problem: `longer than ${RECORD_BYTES_MAX} bytes` },
			{ line: 3, text: 'second' },
		]);
	}
});

test('bytes that are not UTF-8 cost their record alone', async () => {
	const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xc3, 0x28, 10]), Buffer.from('Éva\n')]);
	const { records } = await read(bytes);
	expect(records).toEqual([
		{ line: 1, text: 'a' },
		{ line: 2, problem: 'not UTF-8' },
		{ line: 3, text: 'Éva' },
	]);
});

test('reading from the place of any page gives exactly the rest', async () => {
	const fieldArbitrary = fc.oneof(
		fc.constantFrom('', 'x', 'Éva', '美咲', '"a\nb"', '"a,""b"""', '"\r\n"'),
		fc.stringMatching(/^[a-z]{0,9}$/),
	);
	const rowArbitrary = fc.array(fieldArbitrary, { minLength: 1, maxLength: 4 }).map((fields) => fields.join(','));
	await fc.assert(
		fc.asyncProperty(
			fc.array(rowArbitrary, { maxLength: 30 }),
			fc.constantFrom('\n', '\r\n'),
			fc.integer({ min: 1, max: 7 }),
			async (rows, lineEnd, pageMax) => {
				const text = rows.join(lineEnd);
				const { records, places } = await read(text, { pageMax });
				expect(records.flatMap((record) => ('text' in record ? [record.text] : []))).toEqual(rows.filter((row) => row !== ''));
				for (const [index, place] of places.entries()) {
					const rest = await read(text, { pageMax, from: place });
					expect(rest.records).toEqual(records.slice((index + 1) * pageMax));
				}
			},
		),
		{ numRuns: 60 },
	);
});

async function read(
	content: string | Buffer,
	options: { readonly form?: RecordForm; readonly pageMax?: number; readonly from?: Place } = {},
): Promise<{ records: RawRecord[]; places: Place[] }> {
	const { form = CSV, pageMax = 1000, from = { byte: 0, line: 1 } } = options;
	const path = join(folder, 'file');
	await writeFile(path, content);
	const file = await open(path);
	const records: RawRecord[] = [];
	const places: Place[] = [];
	try {
		for await (const page of readRecords(file, form, { from, pageMax })) {
			records.push(...page.records);
			places.push(page.next);
		}
	} finally {
		await file.close();
	}
	return { records, places };
}
