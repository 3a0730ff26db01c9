/**
 * The real headquarters on one embedded database, which every run of the property uses again: starting PGlite costs seconds, putting a copy
 * of its tables back costs milliseconds. A restore is done as the runbook says: the old data in the database, then a start with `restored`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { must } from '#shared/lib/assert.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { PairResponseSchema } from '#shared/wire/pairing.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { startHeadquarters } from '#sync/hq/headquarters.ts';
import type { Headquarters } from '#sync/hq/headquarters.ts';
import { call } from '#sync/hq/http/fake-client.ts';
import type { Answer } from '#sync/hq/http/fake-client.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import type { Database } from '#sync/hq/storage/database.ts';
import { openPglite } from '#sync/hq/storage/pglite.ts';
import { createTerminal, pairTerminal } from '#sync/hq/terminals/terminals.ts';
import { installBalanceLog, readBalanceLog, restartBalanceLog } from './balance-log.ts';
import type { BalanceLog } from './balance-log.ts';
import { createPartyClock } from './party-clock.ts';
import type { PartyClock } from './party-clock.ts';
import { copyTables, putTablesBack } from './table-copy.ts';
import type { TableCopy } from './table-copy.ts';

/** One point for every full euro and no tiers: what an event is worth never depends on what came before it. */
export const PROGRAMME: Programme = { ...DEFAULT_PROGRAMME, tiers: DEFAULT_PROGRAMME.tiers.slice(0, 1) };

const OPERATOR_KEY = { apiKey: 'operator', apiSecret: 'not-a-real-secret' };

/** Members who are there before the first terminal opens. */
export const FOUNDERS = [
	{ id: 'founder-1', card: '2900000000018', word: 'Xaverine' },
	{ id: 'founder-2', card: '2900000000025', word: 'Yolandric' },
	{ id: 'founder-3', card: '2900000000032', word: 'Zebedeline' },
] as const;

/** What is kept of headquarters between runs. */
export type Premises = {
	readonly database: Database;
	readonly template: TableCopy;
	readonly pairings: readonly PairResponse[];
	readonly port: number;
	readonly close: () => Promise<void>;
};

export type ShopHeadquarters = {
	readonly url: string;
	readonly database: Database;
	readonly clock: PartyClock;
	readonly epoch: () => number;
	/** By epoch, the present one last. */
	readonly balances: ReadonlyMap<number, BalanceLog>;
	readonly readBalances: () => Promise<void>;
	/** An operator's call; rejects unless the answer is a success. */
	readonly operate: (path: string, body: object) => Promise<Answer>;
	/** Everything that is committed is in the feed afterwards. */
	readonly publishAll: () => Promise<void>;
	readonly backup: () => Promise<TableCopy>;
	/** The data of `copy`, with a raised epoch. */
	readonly restore: (copy: TableCopy) => Promise<void>;
	readonly close: () => Promise<void>;
};

/** Starts the database, enrols the founders, pairs the terminals and lets `work` go on with them; all of it is the template of every run. */
export async function openPremises(
	terminals: number,
	work: (hqUrl: string, pairings: readonly PairResponse[]) => Promise<void>,
): Promise<Premises> {
	const database = await openPglite();
	const dataDir = await mkdtemp(join(tmpdir(), 'regulars-model-hq-'));
	const clock = createPartyClock();
	const hq = await start({ database, dataDir, clock, port: 0, isRestored: false });
	try {
		const events = FOUNDERS.map(({ id, card, word }) => ({
			customer: id,
			action: 'opt_in',
			data: { first_name: word, loyalty_barcode: card },
		}));
		await operate(hq, clock, { path: '/events/bulk', body: { events } });
		const pairings: PairResponse[] = [];
		for (let index = 0; index < terminals; index += 1) pairings.push(await pair(hq, `T${index + 1}`));
		await hq.feed.publisher.publishAll();
		await hq.feed.snapshots.prepare();
		await work(hq.url, pairings);
		await hq.close();
		await installBalanceLog(database);
		return { database, template: await copyTables(database), pairings, port: Number(new URL(hq.url).port), close: () => database.close() };
	} finally {
		await rm(dataDir, { recursive: true, force: true });
	}
}

/** A headquarters as new, in a folder of its own. */
export async function openShopHeadquarters({ database, template, port }: Premises, dataDir: string): Promise<ShopHeadquarters> {
	const clock = createPartyClock();
	const balances = new Map<number, BalanceLog>();
	const put = async (copy: TableCopy, isRestored: boolean): Promise<Headquarters> => {
		await putTablesBack(database, copy);
		const started = await start({ database, dataDir, clock, port, isRestored });
		balances.set(started.context.epoch, new Map());
		await restartBalanceLog(database);
		// Otherwise the first terminal that asks waits a second for it.
		await started.feed.snapshots.prepare();
		return started;
	};
	let hq = await put(template, false);
	const readBalances = (): Promise<void> => readBalanceLog(database, must(balances.get(hq.context.epoch), 'the log of this epoch'));
	await readBalances();
	return {
		url: hq.url,
		database,
		clock,
		epoch: () => hq.context.epoch,
		balances,
		readBalances,
		operate: (path, body) => operate(hq, clock, { path, body }),
		publishAll: () => hq.feed.publisher.publishAll(),
		backup: () => copyTables(database),
		restore: async (copy) => {
			await readBalances();
			await hq.close();
			hq = await put(copy, true);
			await readBalances();
		},
		close: () => hq.close(),
	};
}

type Start = {
	readonly database: Database;
	readonly dataDir: string;
	readonly clock: PartyClock;
	readonly port: number;
	readonly isRestored: boolean;
};

let starts = 0;

async function start({ database, dataDir, clock, port, isRestored }: Start): Promise<Headquarters> {
	starts += 1;
	const started = await startHeadquarters({
		dataDir,
		database,
		port,
		isRestored,
		operatorKey: OPERATOR_KEY,
		programme: PROGRAMME,
		clock: clock.underBoot(`headquarters-${starts}`),
		logger: pino({ level: 'silent' }),
	});
	if (!started.ok) throw new Error(`headquarters does not start: ${JSON.stringify(started.error)}`);
	return started.value;
}

type Order = { readonly path: string; readonly body: object };

async function operate(hq: Headquarters, clock: PartyClock, { path, body }: Order): Promise<Answer> {
	const answer = await call(hq.url, { method: 'POST', path, body, key: OPERATOR_KEY, signedAtMs: clock.nowMs() });
	if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
	return answer;
}

async function pair({ context }: Headquarters, code: string): Promise<PairResponse> {
	const outlet = { id: 'S01', code: 'S01', name: 'Station Road' };
	const created = await createTerminal(context, { outlet, terminal_code: code, terminal_name: code });
	if (!created.ok) throw new Error('the outlet is another one');
	const paired = await pairTerminal(context, { code: created.value.code, app_version: '1', protocol: 1 });
	if (!paired.ok) throw new Error('the code is wrong');
	return PairResponseSchema.parse(paired.value);
}
