/** What arrives through a bad line: the soak's run of ours, and peers that send as many events through as bad a line to a ledger that books what it gets. */
import { join } from 'node:path';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { startBadLine } from '../../simulators/bad-line.ts';
import { startMemberServer } from '../../simulators/member-server.ts';
import { startPlainLedger } from '../../simulators/plain-ledger.ts';
import { STORMY } from '../../simulators/weather.ts';
import type { Climate } from '../../simulators/weather.ts';
import { runSoak } from '../../soak/run-soak.ts';
import { installPeers } from '../peers/install-peers.ts';
import { medianOf } from '../report/section.ts';
import type { Row } from '../report/section.ts';
import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { gatherRuns } from '../runner/gather-runs.ts';
import type { Contender } from '../runner/gather-runs.ts';
import type { Outcome } from '../runner/outcome.ts';
import { runProgram } from '../runner/run-program.ts';
import { OURS } from './names.ts';

const SEED = 20_261_122;
const TERMINALS = 3;
const MINUTE_MS = 60_000;
/** One run of each: the storm is the same for a seed, and a run takes as long as the storm makes it. */
const RUNS = 1;
/** Without stalls, for two of the peers never give up on a request by themselves. */
const CLIMATE_OF_PEERS: Climate = { ...STORMY, shares: { ...STORMY.shares, stall: 0, late: 0 } };

const PEERS = [
	{
		peer: 'pouchdb',
		name: 'PouchDB',
		climate: { ...CLIMATE_OF_PEERS, shares: { ...CLIMATE_OF_PEERS.shares, cut_answer: 0 } },
		note: 'one document per event; no answers cut in the middle, after which its replication neither failed nor went on',
	},
	{
		peer: 'powersync',
		name: 'PowerSync',
		climate: CLIMATE_OF_PEERS,
		note: 'uploadData to an endpoint that keeps no list of ids: that list is the application’s to write',
	},
	{ peer: 'rxdb', name: 'RxDB, memory', climate: CLIMATE_OF_PEERS, note: 'push handler, the same endpoint; not durable' },
] as const;

export async function runPush(bench: Bench): Promise<ScenarioReport> {
	const { options, folder, say } = bench;
	const ours: Contender = { name: OURS, note: 'terminals and headquarters killed meanwhile; all faults', run: (run) => soak(bench, run) };
	const refusal = options.hasPeers ? await installPeers(say) : null;
	const peers = PEERS.map((peer): Contender => ({
		name: peer.name,
		note: peer.note,
		run: async () => (refusal === null ? pushByPeer(peer, { events: options.events, folder }) : { type: 'missing', reason: refusal }),
	}));
	const rows = await gatherRuns([ours, ...(options.hasPeers ? peers : [])], RUNS, say);
	return {
		sections: [
			{
				title: `${options.events.toLocaleString('en-US')} events through a bad line`,
				columns: [
					{ key: 'lost', heading: 'lost' },
					{ key: 'twice', heading: 'booked twice' },
					{ key: 'wrong', heading: 'balances wrong' },
					{ key: 'kills', heading: 'kill -9' },
					{ key: 'seconds', heading: 'recording and draining, s' },
					{ key: 'drainS', heading: 'draining alone, s' },
				],
				rows,
				notes: [
					`Five in a hundred requests cut before the receiver, five after it (the answer is lost), three in the middle of the answer, three doubled, and ten seconds of every minute dead; of ours one in a hundred stalls and one comes late besides. One run, seed ${SEED}.`,
					'Ours sells while it drains, with three terminals that are killed every 20 seconds and a headquarters that is killed every 45. Peers send what was written beforehand and are not killed: RxDB’s memory would not survive it.',
					'The columns of correctness come first. What a peer books twice is no defect of the peer: it delivers at least once and says so, and leaves the rest to the endpoint.',
				],
			},
		],
		budgets: budgets(rows),
	};
}

function budgets(rows: readonly Row[]) {
	const ours = rows.find(({ name }) => name === OURS);
	return (['lost', 'twice', 'wrong'] as const).map((key) => ({
		path: `push through the bad line: ${key === 'wrong' ? 'balances wrong' : key}`,
		most: 0,
		unit: '',
		measured: medianOf(ours, key),
	}));
}

async function soak({ options, folder, say }: Bench, run: number): Promise<Outcome> {
	let told = 0;
	const { verdict, ...report } = await runSoak(
		{
			folder: join(folder, 'soak'),
			seed: SEED + run,
			terminals: TERMINALS,
			events: options.events,
			climate: STORMY,
			killTerminalEveryMs: 20_000,
			killHeadquartersEveryMs: 45_000,
			killsMax: null,
			withinMs: 90 * MINUTE_MS,
		},
		(recorded) => {
			const tenth = Math.floor((recorded / options.events) * 10);
			if (tenth > told) say(`  ${recorded.toLocaleString('en-US')} recorded`);
			told = Math.max(told, tenth);
		},
	);
	const of = (...invariants: readonly string[]): number =>
		verdict.violations.filter(({ invariant }) => invariants.includes(invariant)).length;
	const values = {
		lost: of('I3', 'I11') + verdict.waiting,
		twice: of('I2'),
		wrong: of('I1', 'I5'),
		kills: report.terminalKills + report.headquartersKills,
		seconds: (report.recordingMs + report.drainingMs) / 1000,
		drainS: report.drainingMs / 1000,
	};
	return { type: 'values', values };
}

type Sending = { readonly events: number; readonly folder: string };

async function pushByPeer({ peer, climate }: (typeof PEERS)[number], { events, folder }: Sending): Promise<Outcome> {
	const ledger = await startPlainLedger();
	const service = await startMemberServer(0, () => ({ id: '' }));
	const line = await startBadLine({ targetUrl: ledger.url, climate, random: seededRandom(SEED) });
	try {
		const options = { peer, folder: join(folder, 'push', peer), lineUrl: line.url, serviceUrl: service.url, events };
		const pushed = await runProgram({ entry: 'test/bench/programs/push-peer.ts', options, withinMs: 20 * MINUTE_MS });
		if (pushed.type === 'missing') return pushed;
		const { booked, known } = ledger.counts();
		return { type: 'values', values: { ...pushed.values, lost: events - known, twice: booked - known } };
	} finally {
		await line.close();
		await service.close();
		await ledger.close();
	}
}
