/** Look-up and first load: what is loaded is what is looked up in, so both tables come from the same runs. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startMemberServer } from '../../simulators/member-server.ts';
import type { MemberServer } from '../../simulators/member-server.ts';
import { importByShell } from '../limits/shell-import.ts';
import { waitBesideBusyThreads } from '../limits/busy-threads.ts';
import { copyReplica } from '../limits/copy-file.ts';
import { fetchReadyFile } from '../limits/ready-file.ts';
import { installPeers } from '../peers/install-peers.ts';
import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { gatherRuns } from '../runner/gather-runs.ts';
import type { Contender } from '../runner/gather-runs.ts';
import { openHeadquarters } from '../runner/headquarters.ts';
import type { BenchHeadquarters } from '../runner/headquarters.ts';
import type { Outcome, Values } from '../runner/outcome.ts';
import { runProgram } from '../runner/run-program.ts';
import { createBenchBase, toDocument } from '../runner/synthetic-member.ts';
import { describeHydration, describeLookups } from './members-report.ts';
import { OURS, PEERS } from './names.ts';
import type { NamedPeer } from './names.ts';

const LOOKUPS = 20_000;
const PEER_LOOKUPS = 5_000;
const MINUTE_MS = 60_000;

type Parts = { readonly lookup: boolean; readonly hydrate: boolean };

/** Every contender loads in a process of its own and is asked there; then once more, cold. */
export async function runMembers(bench: Bench, parts: Parts): Promise<ScenarioReport> {
	const { options, folder } = bench;
	const headquarters = await openHeadquarters(bench, options.members);
	const base = createBenchBase();
	const refusal = options.hasPeers ? await installPeers(bench.say) : null;
	const server = await startMemberServer(options.hasPeers ? options.peerMembers : 0, (index) => toDocument(base.member(index)));
	try {
		const files = join(folder, 'terminal');
		await mkdir(files, { recursive: true });
		const ready = { from: join(files, 'replica.db'), folder, members: options.members };
		const contenders: readonly Contender[] = [
			terminal(bench, headquarters, files),
			...(parts.hydrate ? [importByShell(bench), copyReplica(ready), fetchReadyFile(ready), waitBesideBusyThreads()] : []),
			...(options.hasPeers ? PEERS.map((each) => peer(bench, server, { ...each, refusal })) : []),
		];
		const rows = await gatherRuns(contenders, options.runs, bench.say);
		const facts = { rows, lookups: LOOKUPS, notes: options.hasPeers ? [] : ['The peers were left out of this run.'] };
		const reports = [...(parts.lookup ? [describeLookups(facts)] : []), ...(parts.hydrate ? [describeHydration(facts)] : [])];
		return { sections: reports.flatMap(({ sections }) => sections), budgets: reports.flatMap(({ budgets }) => budgets) };
	} finally {
		await server.close();
		await headquarters.stop();
	}
}

/** `test/bench/programs/terminal.ts` bundled as the hosts are, so that its start costs what theirs costs: made by the bench's command. */
const TERMINAL_PROGRAM = '.cache/bench/bundle/terminal.mjs';

function terminal(bench: Bench, headquarters: BenchHeadquarters, folder: string): Contender {
	const { members } = bench.options;
	const { url: hqUrl, pins } = headquarters;
	return {
		name: OURS,
		note: `${members.toLocaleString('en-US')} members`,
		run: async () => {
			const entry = TERMINAL_PROGRAM;
			const shared = { folder, hqUrl, pins, members, lookups: LOOKUPS };
			const pairingCode = await headquarters.newTerminal();
			const loaded = await runProgram({ entry, options: { ...shared, phase: 'load', pairingCode }, withinMs: 30 * MINUTE_MS });
			const cold = await runProgram({ entry, options: { ...shared, phase: 'cold', pairingCode: '' }, withinMs: MINUTE_MS });
			return mergeOutcomes(loaded, cold, { wireMib: headquarters.snapshotBytes / 2 ** 20 });
		},
	};
}

/** `refusal`: why the packages are not installed. */
type PreparedPeer = NamedPeer & { readonly refusal: string | null };

function peer({ options, folder }: Bench, server: MemberServer, { peer: kind, name, note, isDurable, refusal }: PreparedPeer): Contender {
	const members = options.peerMembers;
	return {
		name,
		note: `${members.toLocaleString('en-US')} members; ${note}`,
		run: async () => {
			// The row by row one needs nothing but what we have.
			if (refusal !== null && kind !== 'sqlite3-rows') return { type: 'missing', reason: refusal };
			const shared = { peer: kind, folder: join(folder, 'peer', kind), url: server.url, members, lookups: PEER_LOOKUPS };
			const entry = 'test/bench/programs/peer.ts';
			const loaded = await runProgram({ entry, options: { ...shared, phase: 'load' }, withinMs: 20 * MINUTE_MS });
			const cold = isDurable
				? await runProgram({ entry, options: { ...shared, phase: 'cold' }, withinMs: MINUTE_MS })
				: ({ type: 'values', values: {} } as const);
			return mergeOutcomes(loaded, cold, { wireMib: (kind === 'powersync' ? server.streamBytes : server.pageBytes) / 2 ** 20 });
		},
	};
}

/** One outcome of the load, the cold start after it and what the parent knows. */
function mergeOutcomes(loaded: Outcome, cold: Outcome, known: Values): Outcome {
	if (loaded.type === 'missing') return loaded;
	return { type: 'values', values: { ...loaded.values, ...(cold.type === 'missing' ? {} : cold.values), ...known } };
}
