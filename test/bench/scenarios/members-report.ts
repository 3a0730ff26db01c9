import { BUSY } from '../limits/busy-threads.ts';
import { COPY } from '../limits/copy-file.ts';
import { READY_FILE } from '../limits/ready-file.ts';
import { SHELL } from '../limits/shell-import.ts';
import type { Budget } from '../report/budgets.ts';
import { medianOf } from '../report/section.ts';
import type { Row } from '../report/section.ts';
import { ratioOf } from '../report/statistics.ts';
import type { ScenarioReport } from '../runner/bench.ts';
import { DURABLE_LIBRARIES, OURS } from './names.ts';

type Facts = { readonly rows: readonly Row[]; readonly notes: readonly string[]; readonly lookups: number };

const LIMITS: ReadonlySet<string> = new Set([SHELL, COPY, READY_FILE, BUSY]);
const IN_SERVICES = `${OURS}, in the services`;
const APPLYING = `${OURS}, in the services, while changes are applied`;

export function describeLookups({ rows, notes, lookups }: Facts): ScenarioReport {
	const ours = rows.find(({ name }) => name === OURS);
	const others = rows.filter(({ name }) => !LIMITS.has(name) && name !== OURS);
	const shown = ours === undefined ? others : [...rowsOfOurs(ours), ...others];
	const columns = [
		{ key: 'cardP50', heading: 'card p50, ms' },
		{ key: 'cardP95', heading: 'p95' },
		{ key: 'cardP99', heading: 'p99', against: [OURS] },
		{ key: 'nameP50', heading: 'name p50' },
		{ key: 'nameP99', heading: 'p99' },
		{ key: 'mobileP50', heading: 'phone p50' },
		{ key: 'mobileP99', heading: 'p99' },
		{ key: 'coldMs', heading: 'open and first look-up' },
	];
	return {
		sections: [
			{
				title: 'Looking up',
				columns,
				rows: shown,
				notes: [
					`${lookups.toLocaleString('en-US')} cards (of peers a quarter of them), every eleventh of them nobody's; a tenth as many searches by the first letters of a name and by a phone number without its last three digits, 20 members at most.`,
					`"${OURS}" is the replica itself, as peers are asked. "In the services" is the whole use case: the text is read, the member's card composed, points of sales that headquarters does not know yet added, a list of 20 lines made.`,
					'Names of ours are found by the beginnings of every word, without case and accents; those of peers by a range over the last name as it is written.',
					`While changes are applied: pages of 2,000 changed members without a pause (median ${Math.round(medianOf(ours, 'changesPerS')).toLocaleString('en-US')} a second) in the same process.`,
					'Open and first look-up: in a new process whose modules are loaded, without the check of a PIN, which is slow on purpose; the file may still be in the memory of the system.',
					...notes,
				],
			},
		],
		budgets: lookupBudgets(ours, others),
	};
}

/** One row of values makes three of the table. */
function rowsOfOurs(ours: Row): readonly Row[] {
	const renamed = (suffix: string): Row['values'] =>
		Object.fromEntries(
			Object.entries(ours.values).flatMap(([key, runs]) => (key.includes(suffix) ? [[key.replace(suffix, ''), runs] as const] : [])),
		);
	if (ours.missing !== undefined) return [ours];
	const { coldMs, ...inReplica } = ours.values;
	const cardsOf = (prefix: string): Row['values'] =>
		Object.fromEntries(
			Object.entries(ours.values).flatMap(([key, runs]) => (key.startsWith(prefix) ? [[key.replace(prefix, 'card'), runs] as const] : [])),
		);
	return [
		{ ...ours, values: inReplica },
		{ ...ours, name: IN_SERVICES, values: { ...renamed('Services'), ...(coldMs === undefined ? {} : { coldMs }) } },
		{ ...ours, name: APPLYING, values: cardsOf('applying') },
		{ name: 'one prepared SELECT', values: cardsOf('bare'), note: 'a limit: the same driver and file, by the index of cards' },
		{ name: 'SELECT 1', values: cardsOf('hop'), note: 'a limit: the way to the driver’s thread and back' },
	];
}

function lookupBudgets(ours: Row | undefined, others: readonly Row[]): readonly Budget[] {
	const p99 = medianOf(ours, 'cardP99');
	const ratios = others
		.filter(({ name }) => DURABLE_LIBRARIES.has(name))
		.map((row) => ratioOf(medianOf(row, 'cardP99'), p99))
		.filter((ratio) => ratio !== null);
	return [
		{ path: 'card look-up in the services, p99', most: 0.2, unit: 'ms', measured: medianOf(ours, 'cardServicesP99') },
		{ path: 'card look-up while changes are applied, p99', most: 2, unit: 'ms', measured: medianOf(ours, 'applyingP99') },
		{
			path: 'card look-up p99 of the fastest durable peer',
			least: 3,
			unit: '× ours',
			measured: ratios.length === 0 ? Number.NaN : Math.min(...ratios),
		},
		{ path: 'cold start of the services to the first look-up', most: 400, unit: 'ms', measured: medianOf(ours, 'startMs') },
	];
}

export function describeHydration({ rows, notes }: Facts): ScenarioReport {
	const columns = [
		{ key: 'loadS', heading: 'complete, s' },
		{ key: 'firstS', heading: 'first correct look-up, s' },
		{ key: 'rowsPerS', heading: 'members/s', against: [SHELL, OURS] },
		{ key: 'wireMib', heading: 'on the wire, MiB' },
		{ key: 'fileMib', heading: 'on disk, MiB' },
		{ key: 'peakMib', heading: 'peak memory, MiB' },
		{ key: 'pauseMs', heading: 'longest pause, ms' },
		{ key: 'workMs', heading: 'of it work, at most' },
		{ key: 'duringP99', heading: 'card look-up meanwhile, p99 ms' },
	];
	return {
		sections: [
			{
				title: 'First load over HTTP, with indexes and search',
				columns,
				rows,
				notes: [
					'Peak memory and the longest pause of the event loop are of the whole process, from its start to the end of the load. WatermelonDB and RxDB work in the main thread, PowerSync in a worker; in a window the pause is what a cashier feels. What of a pause is not work is waiting for a processor: headquarters, unpacking and SQLite work on the same ones.',
					`"${BUSY}" is what this machine gives to a process that does nothing but ask every 20 ms while two threads of its own work, as they do in the first part of a load.`,
					'PouchDB keeps revisions, PowerSync a log of operations per row, WatermelonDB is given its data as one object: none of them is doing anything wrong, they solve more general problems. None of the peers makes the full text index that ours and the shell make.',
					'Peers load the same members from a server that has packed all answers beforehand; ours come from headquarters, signed, checked by digest and resumable.',
					...notes,
				],
			},
		],
		budgets: hydrationBudgets(rows),
	};
}

function hydrationBudgets(rows: readonly Row[]): readonly Budget[] {
	const of = (name: string): Row | undefined => rows.find((row) => row.name === name);
	const ours = of(OURS);
	const rate = medianOf(ours, 'rowsPerS');
	const fastest = Math.max(
		...rows
			.filter(({ name }) => DURABLE_LIBRARIES.has(name))
			.map((row) => medianOf(row, 'rowsPerS'))
			.filter(Number.isFinite),
	);
	return [
		{
			path: 'first load, time',
			most: 1.5,
			unit: '× .import',
			measured: ratioOf(medianOf(ours, 'loadS'), medianOf(of(SHELL), 'loadS')) ?? Number.NaN,
		},
		{ path: 'first load, members/s', least: 5, unit: '× the fastest durable peer', measured: ratioOf(rate, fastest) ?? Number.NaN },
		{ path: 'longest pause of the services during the load', most: 15, unit: 'ms', measured: medianOf(ours, 'pauseMs') },
		{ path: 'card look-up during the load, p99', most: 5, unit: 'ms', measured: medianOf(ours, 'duringP99') },
		{ path: 'memory of the services, peak of the load', most: 300, unit: 'MiB', measured: medianOf(ours, 'peakMib') },
	];
}
