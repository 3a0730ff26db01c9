import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { countFlushes } from '../../durability/count-flushes.ts';
import { medianOf } from '../report/section.ts';
import { ratioOf } from '../report/statistics.ts';
import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { gatherRuns } from '../runner/gather-runs.ts';
import { runProgram } from '../runner/run-program.ts';

const SALES = 2_000;
const FLUSHED_SALES = 200;
const WITHIN_MS = 600_000;

const INSERT = 'one bare INSERT, FULL';
const WAYS = [
	{ way: 'use-case', name: 'use case earn', note: 'readiness, buyer, repeated receipt, points, entry, answer' },
	{ way: 'outbox', name: 'outbox.record', note: 'entry, receipt and request in one statement' },
	{ way: 'insert', name: INSERT, note: 'the limit: 600 bytes, the same settings, nothing else' },
] as const;

/** Recording a sale durably, and what the disk is asked for. */
export async function runRecord({ options, folder, say }: Bench): Promise<ScenarioReport> {
	const rows = await gatherRuns(
		WAYS.map(({ way, name, note }) => ({
			name,
			note,
			run: () =>
				runProgram({
					entry: 'test/bench/programs/sale.ts',
					options: { way, folder: join(folder, 'sale', way), sales: SALES },
					withinMs: WITHIN_MS,
				}),
		})),
		options.runs,
		say,
	);
	const traced = join(folder, 'flushes');
	await rm(traced, { recursive: true, force: true });
	await mkdir(traced, { recursive: true });
	const flushes = await countFlushes({ sales: FLUSHED_SALES, folder: traced });
	const perSale = flushes.outboxFlushes / flushes.sales;
	const [record, bare] = ['outbox.record', INSERT].map((name) =>
		medianOf(
			rows.find((row) => row.name === name),
			'saleP50',
		),
	);
	return {
		sections: [
			{
				title: 'Recording a sale',
				columns: [
					{ key: 'saleP50', heading: 'p50, ms', against: [INSERT] },
					{ key: 'saleP95', heading: 'p95' },
					{ key: 'saleP99', heading: 'p99', against: [INSERT] },
					{ key: 'salesPerS', heading: 'sales/s, one after another' },
				],
				rows,
				notes: [
					`${SALES.toLocaleString('en-US')} sales each. Flushes of outbox.db per sale, counted over ${flushes.sales} by ${flushes.how}: ${perSale.toFixed(2)}; sales acknowledged without one: ${flushes.unflushed}.`,
				],
			},
		],
		budgets: [
			{
				path: 'recording a sale, p50',
				most: 1.3,
				unit: '× the bare insert',
				measured: ratioOf(record ?? Number.NaN, bare ?? Number.NaN) ?? Number.NaN,
			},
			{ path: 'flushes of the outbox per sale', least: 1, most: 1.05, unit: '', measured: perSale },
			{ path: 'sales acknowledged before they were flushed', most: 0, unit: '', measured: flushes.unflushed },
		],
	};
}
