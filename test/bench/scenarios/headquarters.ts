/** Headquarters' ingest, feed and snapshots, on the embedded database and on a PostgreSQL server when there is one. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '../../support/postgres.ts';
import type { PostgresServer } from '../../support/postgres.ts';
import { medianOf } from '../report/section.ts';
import type { Row } from '../report/section.ts';
import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { gatherRuns } from '../runner/gather-runs.ts';
import type { Contender } from '../runner/gather-runs.ts';
import { runProgram } from '../runner/run-program.ts';

export type HeadquartersTask = 'ingest' | 'feed' | 'snapshot';

const EMBEDDED = 'PGlite, embedded';
const SERVER = 'PostgreSQL';
const WITHIN_MS = 1_800_000;
/** Two pushes of 500 sales share a member every fifth time; of 20,000 members each pair would, and all pushes would wait in a line. */
const SHOPPERS_MAX = 1_000_000;
/** The embedded database has one connection, so that nobody waits for a member there. */
const EMBEDDED_SHOPPERS_MAX = 100_000;
/** Who a feed tells of makes no difference to it: more would only lengthen the import before each run. */
const FEED_MEMBERS_MAX = 20_000;
const MEMBERS_MAX: Readonly<Record<HeadquartersTask, number>> = { ingest: SHOPPERS_MAX, feed: FEED_MEMBERS_MAX, snapshot: Infinity };
/** Sales of the feed, which are written at the pace of tills: fifteen seconds of them. */
const FEED_EVENTS_MAX = 10_000;
/** The embedded database has one connection and is for demonstrations; it is given a part of the events. */
const EMBEDDED_SHARE = 0.25;

/** Each run has a database of its own. */
export async function runHeadquarters(bench: Bench, task: HeadquartersTask): Promise<ScenarioReport> {
	const server = await openServer(bench.say);
	try {
		return REPORTS[task](await measure(bench, task, server), bench);
	} finally {
		if (typeof server !== 'string') await server.stop();
	}
}

/** A server with commits that are flushed, or why there is none. */
async function openServer(say: (line: string) => void): Promise<PostgresServer | string> {
	try {
		return await startPostgres(DURABLE);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : 'it does not start';
		say(reason);
		return reason;
	}
}

/** As `sync/hq/README.md` advises. */
const DURABLE = [
	'fsync=on',
	'full_page_writes=on',
	'synchronous_commit=on',
	'wal_compression=lz4',
	'shared_buffers=512MB',
	'max_wal_size=4GB',
	'jit=off',
];

async function measure(bench: Bench, task: HeadquartersTask, server: PostgresServer | string): Promise<readonly Row[]> {
	const { options, folder, say } = bench;
	say(`Headquarters: ${task}`);
	const members = Math.min(options.members, MEMBERS_MAX[task]);
	const events = task === 'feed' ? Math.min(options.events, FEED_EVENTS_MAX) : options.events;
	const start = async (of: { readonly databaseUrl: string | null; readonly events: number; readonly members: number }) => {
		const dataDir = join(folder, 'office');
		await rm(dataDir, { recursive: true, force: true });
		return runProgram({ entry: 'test/bench/programs/headquarters.ts', options: { task, dataDir, ...of }, withinMs: WITHIN_MS });
	};
	const contenders: readonly Contender[] = [
		{
			name: EMBEDDED,
			run: () => start({ databaseUrl: null, ...(task === 'ingest' ? embeddedPart({ events, members }) : { events, members }) }),
		},
		{
			name: SERVER,
			run: async (run) => {
				if (typeof server === 'string') return { type: 'missing', reason: server };
				return start({ databaseUrl: await server.createDatabase(`bench_${task}_${run}`), events, members });
			},
		},
	];
	return gatherRuns(contenders, options.runs, say);
}

/** Of an ingest. */
function embeddedPart({ events, members }: { readonly events: number; readonly members: number }) {
	return { events: Math.ceil(events * EMBEDDED_SHARE), members: Math.min(members, EMBEDDED_SHOPPERS_MAX) };
}

type Describe = (rows: readonly Row[], bench: Bench) => ScenarioReport;

const onServer = (rows: readonly Row[], key: string): number =>
	medianOf(
		rows.find(({ name }) => name === SERVER),
		key,
	);

const describeIngest: Describe = (rows, { options: { events, members } }) => ({
	sections: [
		{
			title: 'Headquarters takes pushes, unique events/s',
			columns: [
				...[1, 4, 16].map((connections) => ({ key: `uniform${connections}`, heading: `${connections} at a time` })),
				...[1, 4, 16].map((connections) => ({ key: `hot${connections}`, heading: `${connections}, of the same 200` })),
				{ key: 'late4', heading: '4, of the same 200, after an outage' },
			],
			rows,
			notes: [
				`${events.toLocaleString('en-US')} sales each (a quarter on the embedded database) in pushes of 500, without HTTP: parsed, judged, deduplicated, booked, answered and flushed. Each at a time is another terminal, and a sale happens when it is pushed; after an outage all terminals send the sales of the same hour.`,
				`Uniform: sales of ${Math.min(members, SHOPPERS_MAX).toLocaleString('en-US')} members, on the embedded database of ${Math.min(members, EMBEDDED_SHOPPERS_MAX).toLocaleString('en-US')}. The pushing program and the database share the processor; the publisher rests. Settings of the server: ${DURABLE.join(', ')}.`,
			],
		},
	],
	budgets: [
		{
			path: 'headquarters’ ingest on PostgreSQL, best of the uniform ones',
			least: 10_000,
			unit: 'events/s',
			measured: Math.max(...[1, 4, 16].map((connections) => onServer(rows, `uniform${connections}`))),
		},
	],
});

const describeFeed: Describe = (rows) => ({
	sections: [
		{
			title: 'Change feed, from the answer to a push to a waiting reader',
			columns: [
				{ key: 'lagP50', heading: 'p50, ms' },
				{ key: 'lagP95', heading: 'p95' },
				{ key: 'lagP99', heading: 'p99' },
				{ key: 'missed', heading: 'missed' },
				{ key: 'eventsPerS', heading: 'events/s meanwhile' },
			],
			rows,
			notes: ['16 terminals at once, each pushing five sales and then resting for 50 ms.'],
		},
	],
	budgets: [
		{ path: 'feed lag with 16 writers on PostgreSQL, p99', most: 50, unit: 'ms', measured: onServer(rows, 'lagP99') },
		{ path: 'changes that the feed missed', most: 0, unit: '', measured: onServer(rows, 'missed') },
	],
});

const describeSnapshot: Describe = (rows, { options: { members } }) => ({
	sections: [
		{
			title: `Snapshot of ${members.toLocaleString('en-US')} members`,
			columns: [
				{ key: 'rowsPerS', heading: 'members/s' },
				{ key: 'snapshotS', heading: 's' },
				{ key: 'bytesPerMember', heading: 'packed bytes a member' },
				{ key: 'pauseMs', heading: 'longest pause, ms' },
				{ key: 'importRowsPerS', heading: 'import before it, members/s' },
			],
			rows,
			notes: [],
		},
	],
	budgets: [],
});

const REPORTS: Readonly<Record<HeadquartersTask, Describe>> = { ingest: describeIngest, feed: describeFeed, snapshot: describeSnapshot };
