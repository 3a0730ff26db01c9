import { median, ratioOf } from './statistics.ts';

/** One table of the report: who was measured (rows) by what (columns). */
export type Section = {
	readonly title: string;
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
	/** Sentences below the table. */
	readonly notes: readonly string[];
};

export type Column = {
	readonly key: string;
	/** With the unit, as it is to be read. */
	readonly heading: string;
	/** Adds a column for each, with the median as a multiple of that of the row of this name. */
	readonly against?: readonly string[];
};

export type Row = {
	readonly name: string;
	/** By the key of the column: one value per run. */
	readonly values: Readonly<Record<string, readonly number[]>>;
	readonly note?: string;
	/** Why there are no values. */
	readonly missing?: string;
};

const NOT_MEASURED = '–';

/** The median of a row's runs, NaN when it was not measured. */
export function medianOf(row: Row | undefined, key: string): number {
	return median(row?.values[key] ?? []);
}

/** A Markdown table; each cell is the median with the range of the runs. */
export function toMarkdown({ title, columns, rows, notes }: Section): string {
	const headings = ['', ...columns.flatMap(headingsOf), 'note'];
	const lines = rows.map((row) => {
		if (row.missing !== undefined)
			return [row.name, ...columns.flatMap((column) => headingsOf(column).map(() => NOT_MEASURED)), row.missing];
		return [row.name, ...columns.flatMap((column) => cellsOf(row, column, rows)), row.note ?? ''];
	});
	const table = [headings, headings.map(() => '---'), ...lines].map((cells) => `| ${cells.map(escape).join(' | ')} |`);
	return [`## ${title}`, '', ...table, ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)]), ''].join('\n');
}

function headingsOf({ heading, against = [] }: Column): readonly string[] {
	return [heading, ...against.map((name) => `× ${name}`)];
}

function cellsOf(row: Row, { key, against = [] }: Column, rows: readonly Row[]): readonly string[] {
	const ratios = against.map((name) => {
		const reference = rows.find((candidate) => candidate.name === name);
		const ratio = ratioOf(medianOf(row, key), medianOf(reference, key));
		return ratio === null ? NOT_MEASURED : format(ratio);
	});
	return [formatRuns(row.values[key] ?? []), ...ratios];
}

/** `12.3 (11.0–14.1)`; without the range when there was one run or all came to the same. */
export function formatRuns(runs: readonly number[]): string {
	const measured = runs.filter((value) => Number.isFinite(value));
	if (measured.length === 0) return NOT_MEASURED;
	const [least, most] = [format(Math.min(...measured)), format(Math.max(...measured))];
	return least === most ? most : `${format(median(measured))} (${least}–${most})`;
}

/** Three significant digits, thousands whole. */
export function format(value: number): string {
	if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
	if (Number.isInteger(value)) return String(value);
	return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function escape(text: string): string {
	return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}
