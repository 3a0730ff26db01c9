import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { RawRecord, RecordForm } from './records.ts';
import type { ImportColumn, SourceForm } from './source-file.ts';

/** One row of a file by its columns, not judged yet; or why it is none. */
export type RawRow = { readonly line: number; readonly row: Result<Partial<Record<ImportColumn, unknown>>, string> };

/** Takes records apart into fields. */
export function parseRows(records: readonly RawRecord[], source: SourceForm): RawRow[] {
	if (source.columns === null)
		return records.map((record) => ({ line: record.line, row: 'text' in record ? parseJson(record.text) : fail(record.problem) }));
	const { columns, form } = source;
	const fields = parseCsv(records, form);
	return records.map(({ line }, index) => {
		const found = fields[index] ?? fail('cannot be read');
		return { line, row: found.ok ? nameFields(found.value, columns) : found };
	});
}

function nameFields(fields: readonly string[], columns: readonly ImportColumn[]): Result<Partial<Record<ImportColumn, unknown>>, string> {
	if (fields.length !== columns.length) return fail(`has ${fields.length} fields, the header row has ${columns.length}`);
	return ok(Object.fromEntries(columns.map((column, index) => [column, fields[index]])));
}

/** The readable records in one go, which is far faster; one by one only if one of them is malformed. */
function parseCsv(records: readonly RawRecord[], form: RecordForm): Result<string[], string>[] {
	const texts = records.flatMap((record) => ('text' in record ? [record.text] : []));
	const together = parseTexts(texts, form);
	if (together === null) return records.map((record) => ('text' in record ? parseAlone(record.text, form) : fail(record.problem)));
	let next = 0;
	return records.map((record) => ('text' in record ? ok(together[next++] ?? []) : fail(record.problem)));
}

function parseTexts(texts: readonly string[], form: RecordForm): string[][] | null {
	try {
		const rows = parse(texts.join('\n'), optionsOf(form));
		return rows.length === texts.length ? rows : null;
	} catch (error) {
		if (error instanceof CsvError) return null;
		throw error;
	}
}

function parseAlone(text: string, form: RecordForm): Result<string[], string> {
	try {
		const [fields, more] = parse(text, optionsOf(form));
		return fields === undefined || more !== undefined ? fail('cannot be read as one row') : ok(fields);
	} catch (error) {
		if (error instanceof CsvError) return fail(PROBLEMS[error.code] ?? 'malformed CSV');
		throw error;
	}
}

const PROBLEMS: Partial<Record<CsvError['code'], string>> = {
	CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
	CSV_INVALID_CLOSING_QUOTE: 'there is text behind a closing quote',
	INVALID_OPENING_QUOTE: 'a quote stands inside a field that does not begin with one',
};

function optionsOf(form: RecordForm) {
	// Columns are counted by us, so that the reason can be said; empty records do not come here.
	return { delimiter: form.delimiter ?? ',', trim: true, relax_column_count: true, record_delimiter: ['\n', '\r\n'] };
}

function parseJson(text: string): Result<Partial<Record<ImportColumn, unknown>>, string> {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? ok(value) : fail('is no JSON object');
	} catch (error) {
		if (error instanceof SyntaxError) return fail('malformed JSON');
		throw error;
	}
}
