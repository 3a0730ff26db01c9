import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { RECORD_BYTES_MAX, readRecords } from './records.ts';
import type { Place, RecordForm, RecordPage } from './records.ts';

/** Columns that a file of members may have, in any order. Each row needs a card, a phone or an e-mail address. */
export const IMPORT_COLUMNS = [
	'id',
	'loyalty_barcode',
	'first_name',
	'last_name',
	'mobile_phone',
	'email',
	'points',
	'tier_points',
	'status',
	'language',
	'opt_in_at',
	'consents_email',
	'consents_sms',
] as const;
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

const COLUMN_SET: ReadonlySet<string> = new Set(IMPORT_COLUMNS);

/** What a file turned out to be. `columns` is null for NDJSON, whose rows name their fields. `first` is where its rows begin. */
export type SourceForm = { readonly form: RecordForm; readonly columns: readonly ImportColumn[] | null; readonly first: Place };

const HEAD_BYTES = 1_048_576;

/** Tells one file from another without reading all of it: its size, its time of change and its first megabyte. Hex. */
export async function identifyFile(file: FileHandle): Promise<{ readonly source: string; readonly bytes: number }> {
	const { size, mtimeMs } = await file.stat();
	const head = await readHead(file, HEAD_BYTES);
	const source = createHash('sha256').update(`${size} ${mtimeMs} `).update(head).digest('hex');
	return { source: `file:${source}`, bytes: size };
}

/**
 * Looks at the beginning of a file: NDJSON when it begins with `{`, else CSV with a header row, whose delimiter is the one that
 * occurs most in it. A byte order mark is passed over. Fails with a sentence for the operator.
 */
export async function detectForm(file: FileHandle): Promise<Result<SourceForm, string>> {
	const head = await readHead(file, RECORD_BYTES_MAX);
	if (head[0] === 0xff || head[0] === 0xfe) return fail('the file is UTF-16; save it as UTF-8');
	const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
	const start = { byte: mark, line: 1 };
	if (head.subarray(mark).toString('latin1').trimStart().startsWith('{'))
		return ok({ form: { delimiter: null }, columns: null, first: start });
	const delimiter = delimiterOf(head.subarray(mark));
	const form = { delimiter };
	const page = await readFirst(file, form, start);
	const header = page?.records[0];
	if (page === null || header === undefined) return fail('the file is empty');
	if (!('text' in header)) return fail(`the header row cannot be read: ${header.problem}`);
	const columns = columnsOf(header.text, delimiter);
	return columns.ok ? ok({ form, columns: columns.value, first: page.next }) : columns;
}

async function readFirst(file: FileHandle, form: RecordForm, from: Place): Promise<RecordPage | null> {
	for await (const page of readRecords(file, form, { from, pageMax: 1 })) return page;
	return null;
}

function columnsOf(header: string, delimiter: string): Result<ImportColumn[], string> {
	const [names = []] = parse(header, { delimiter, trim: true, relax_quotes: true });
	const columns: ImportColumn[] = [];
	for (const name of names) {
		const column = name.trim().toLowerCase();
		if (!isColumn(column))
			return fail(`the header row has the unknown column "${column.slice(0, 60)}"; known are ${IMPORT_COLUMNS.join(', ')}`);
		if (columns.includes(column)) return fail(`the header row has the column "${column}" twice`);
		columns.push(column);
	}
	return ok(columns);
}

function isColumn(name: string): name is ImportColumn {
	return COLUMN_SET.has(name);
}

function delimiterOf(head: Buffer): ',' | ';' | '\t' {
	const [line = ''] = head.toString('latin1').trimStart().split('\n', 1);
	const counts = ([',', ';', '\t'] as const).map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
	return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

async function readHead(file: FileHandle, bytes: number): Promise<Buffer> {
	const head = Buffer.alloc(bytes);
	const { bytesRead } = await file.read(head, 0, bytes, 0);
	return head.subarray(0, bytesRead);
}
