import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { assert } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { startBadLine } from '../simulators/bad-line.ts';
import type { BadLine } from '../simulators/bad-line.ts';
import { FAIR } from '../simulators/weather.ts';
import type { Climate } from '../simulators/weather.ts';
import { checkHistory } from './check-history.ts';
import type { Verdict } from './check-history.ts';
import { parseHistory, toLine } from './history.ts';
import type { Operation } from './history.ts';
import { keepHeadquarters } from './keep-headquarters.ts';
import type { KeptHeadquarters } from './keep-headquarters.ts';
import { keepTerminal } from './keep-terminal.ts';
import type { KeptTerminal } from './keep-terminal.ts';
import { readHeadquarters, readTerminal } from './read-ends.ts';
import { toAnswers } from './to-answers.ts';

/** One soak. Times in milliseconds; a kill is `kill -9`, every so often with half of that more or less. */
export type SoakPlan = {
	readonly folder: string;
	readonly seed: number;
	readonly terminals: number;
	/** Events to be recorded by all terminals together. */
	readonly events: number;
	readonly climate: Climate;
	readonly killTerminalEveryMs: number;
	readonly killHeadquartersEveryMs: number;
	/** Of each process no more than this many kills; `null`: until everything is recorded. */
	readonly killsMax: number | null;
	/** The longest that everything may take. */
	readonly withinMs: number;
};

export type SoakReport = {
	readonly verdict: Verdict;
	readonly terminalKills: number;
	readonly headquartersKills: number;
	readonly faults: ReturnType<BadLine['faults']>;
	readonly recordingMs: number;
	readonly drainingMs: number;
	/** NDJSON, for looking into a violation. */
	readonly historyFile: string;
};

const LOOK_EVERY_MS = 250;
const MEMBERS = 400;
/** What was applied is in the feed by then, on a busy machine too. */
const PUBLISHED_WITHIN_MS = 1_500;
const HEADQUARTERS = 'headquarters';
const SEEDS_PER_TERMINAL = 1_000_000;

/**
 * Sells `events` through a bad line with terminals and headquarters killed again and again, lets the storm end, waits until everything has
 * arrived, stops everything, and judges what both sides have said and kept.
 */
export async function runSoak(plan: SoakPlan, onProgress: (recorded: number) => void = () => undefined): Promise<SoakReport> {
	await rm(plan.folder, { recursive: true, force: true });
	await mkdir(plan.folder, { recursive: true });
	const historyFile = join(plan.folder, 'history.ndjson');
	const stream = createWriteStream(historyFile);
	const world = await startWorld(plan, (operation) => void stream.write(toLine(operation)));
	const { line, headquarters, terminals } = world;
	const startedAt = performance.now();
	const waitFor = waiter(startedAt + plan.withinMs, {
		terminals,
		onLook: () => onProgress(terminals.reduce((sum, terminal) => sum + terminal.recorded(), 0)),
	});

	await waitFor('every terminal sells', () => terminals.every((terminal) => terminal.recorded() > 0));
	line.setClimate(plan.climate);
	headquarters.startKilling();
	for (const terminal of terminals) terminal.startKilling();
	await waitFor('everything is recorded', () => terminals.every((terminal) => terminal.isDone()));
	const recordedAt = performance.now();
	await headquarters.stopKilling();
	await Promise.all(terminals.map(async (terminal) => terminal.stopKilling()));
	const faults = { ...line.faults() };
	line.setClimate(FAIR);
	await waitFor('everything has arrived', () => terminals.every((terminal) => terminal.hasDrained()));
	const drainedAt = performance.now();

	// Every terminal has what the others have sent last.
	const publishedMs = Date.now() + PUBLISHED_WITHIN_MS;
	await waitFor('everybody has pulled', () => terminals.every((terminal) => terminal.hasPulledSince(publishedMs)));
	await stopWorld(world);
	for await (const operation of readWorld(plan, terminals)) stream.write(toLine(operation));
	stream.end();
	await finished(stream);
	return {
		verdict: checkHistory(parseHistory(await readFile(historyFile, 'utf8'))),
		terminalKills: terminals.reduce((sum, terminal) => sum + terminal.kills(), 0),
		headquartersKills: headquarters.kills(),
		faults,
		recordingMs: recordedAt - startedAt,
		drainingMs: drainedAt - recordedAt,
		historyFile,
	};
}

type World = { readonly line: BadLine; readonly headquarters: KeptHeadquarters; readonly terminals: readonly KeptTerminal[] };

async function startWorld(plan: SoakPlan, write: (operation: Operation) => void): Promise<World> {
	const names = Array.from({ length: plan.terminals }, (_, index) => `T${index + 1}`);
	const headquarters = await keepHeadquarters({
		data: join(plan.folder, HEADQUARTERS),
		members: MEMBERS,
		terminals: names,
		random: seededRandom(plan.seed),
		killEveryMs: plan.killHeadquartersEveryMs,
		killsMax: plan.killsMax,
		onKill: () => write({ type: 'killed', process: HEADQUARTERS }),
	});
	const line = await startBadLine({
		targetUrl: headquarters.url,
		// Pairing and the first load in fair weather: it is the soak of the sales.
		climate: FAIR,
		random: seededRandom(plan.seed + 1),
		onExchange: (exchange) => {
			for (const answer of toAnswers(exchange)) write(answer);
		},
	});
	const terminals = await Promise.all(
		names.map(async (name, index) =>
			keepTerminal({
				name,
				folder: join(plan.folder, name),
				hqUrl: line.url,
				pairingCode: headquarters.pairingCode(name),
				pins: headquarters.pins,
				seed: plan.seed + SEEDS_PER_TERMINAL * (index + 1),
				events: Math.ceil(plan.events / plan.terminals),
				killEveryMs: plan.killTerminalEveryMs,
				killsMax: plan.killsMax,
				write,
			}),
		),
	);
	return { line, headquarters, terminals };
}

async function stopWorld({ line, headquarters, terminals }: World): Promise<void> {
	await Promise.all(terminals.map(async (terminal) => terminal.stop()));
	await line.close();
	await headquarters.stop();
}

/** What everybody has on disk in the end. */
async function* readWorld(plan: SoakPlan, terminals: readonly KeptTerminal[]): AsyncGenerator<Operation> {
	const ledger = await readHeadquarters(join(plan.folder, HEADQUARTERS));
	yield* ledger;
	const members = ledger.flatMap((operation) => (operation.type === 'balance' ? [operation.member] : []));
	for (const { name } of terminals) yield* await readTerminal(name, join(plan.folder, name), members);
}

type Waiting = { readonly terminals: readonly KeptTerminal[]; readonly onLook: () => void };

function waiter(deadline: number, { terminals, onLook }: Waiting): (what: string, isTrue: () => boolean) => Promise<void> {
	return async (what, isTrue) => {
		while (!isTrue()) {
			assert(performance.now() < deadline, () => `too late: ${what}\n${terminals.map((terminal) => terminal.describe()).join('\n')}`);
			await pause(LOOK_EVERY_MS);
			for (const terminal of terminals) terminal.ask();
			onLook();
		}
	};
}
