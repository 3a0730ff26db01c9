import { cpus, totalmem } from 'node:os';

/** One measured figure: what, how much, of what unit. */
export type Figure = { readonly name: string; readonly value: number; readonly unit: string; readonly note?: string };

/** The value below which `fraction` of the sorted samples lie. */
export function quantile(sorted: readonly number[], fraction: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** p50, p99 and maximum of samples in milliseconds. */
export function latencyFigures(name: string, samplesMs: readonly number[]): Figure[] {
	const sorted = [...samplesMs].sort((a, b) => a - b);
	return [
		{ name: `${name}, p50`, value: quantile(sorted, 0.5), unit: 'ms' },
		{ name: `${name}, p99`, value: quantile(sorted, 0.99), unit: 'ms' },
		{ name: `${name}, worst of ${sorted.length}`, value: quantile(sorted, 1), unit: 'ms' },
	];
}

/** A Markdown table with the machine it was measured on. */
export function toTable(title: string, figures: readonly Figure[]): string {
	const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
	const rows = figures.map((figure) => `| ${figure.name} | ${format(figure.value)} ${figure.unit} | ${figure.note ?? ''} |`);
	return [`## ${title}`, '', machine, '', '| what | measured | note |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function format(value: number): string {
	if (value >= 1000) return Math.round(value).toLocaleString('en-US');
	return value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}
