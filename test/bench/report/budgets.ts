import { format } from './section.ts';

/** A budget of the project with what this run measured of it. */
export type Budget = {
	readonly path: string;
	/** What is measured must not be above `most` or below `least`. */
	readonly most?: number;
	readonly least?: number;
	readonly unit: string;
	/** NaN: not measured in this run. */
	readonly measured: number;
};

export type Verdict = 'met' | 'missed' | 'not measured';

export function judge({ most = Infinity, least = -Infinity, measured }: Budget): Verdict {
	if (Number.isNaN(measured)) return 'not measured';
	return measured <= most && measured >= least ? 'met' : 'missed';
}

/** A Markdown table of all budgets. */
export function budgetsToMarkdown(budgets: readonly Budget[]): string {
	const lines = budgets.map((budget) => `| ${budget.path} | ${limitOf(budget)} | ${measuredOf(budget)} | ${judge(budget)} |`);
	return ['## Budgets', '', '| path | budget | measured | |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}

function limitOf({ most, least, unit }: Budget): string {
	const parts = [...(least === undefined ? [] : [`≥ ${format(least)}`]), ...(most === undefined ? [] : [`≤ ${format(most)}`])];
	return `${parts.join(', ')} ${unit}`.trim();
}

function measuredOf({ measured, unit }: Budget): string {
	return Number.isNaN(measured) ? '–' : `${format(measured)} ${unit}`.trim();
}
