import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MemberIdSchema, ReceiptNumberSchema } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import type { Services } from '#main/ports.ts';
import { PROJECT_ROOT } from '../../support/child.ts';
import { startHeadquartersProcess } from '../../support/headquarters.ts';
import type { Section } from '../report/section.ts';
import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { writeMembersCsv } from '../runner/members-csv.ts';
import { openTerminal, watchLoad } from '../runner/open-terminal.ts';
import { latencyValues, sample } from '../runner/sample.ts';
import { createBenchBase, createQuestions } from '../runner/synthetic-member.ts';

const LOOKUPS = 20_000;
const SALES = 1_000;
const SEED = 1;

/** Import, first load and look-up once, in a minute or two with a million. Everything is real: processes, files, HTTP, signatures. */
export async function runQuick({ options: { members: rows }, folder, say }: Bench): Promise<ScenarioReport> {
	const csv = join(folder, `members-${rows}.csv`);
	const csvBytes = await writeMembersCsv(csv, rows);
	const data = join(folder, 'hq');
	await rm(data, { recursive: true, force: true });
	say(`Importing ${rows.toLocaleString('en-US')} members …`);
	const importS = await timeImport(csv, data);

	const headquarters = await startHeadquartersProcess({ data, members: 0, terminals: ['BENCH/Bench outlet/T1/Bench terminal'] });
	const terminalFolder = join(folder, 'terminal');
	await rm(terminalFolder, { recursive: true, force: true });
	await mkdir(terminalFolder, { recursive: true });
	const pairing = must(headquarters.ready.pairing[0], 'a pairing code');
	const questions = createQuestions(rows, SEED);
	say('Loading …');
	const startedAt = performance.now();
	const services = await openTerminal(terminalFolder, { hqUrl: headquarters.ready.url, pairingCode: pairing.code });
	const { beganAt, loadedAt, duringMs, pauses } = await watchLoad(services, headquarters.ready.pins, questions.card().card);
	const rssBytes = process.memoryUsage().rss;
	const loaded = await services.api['status.get']({});
	assert(loaded.ok && loaded.value.members.rows === rows, 'every member of the file is on the terminal');

	const cards = Array.from({ length: LOOKUPS }, () => questions.card().card);
	const identifyMs = await sample(cards, async (text) => {
		const found = await services.api['member.identify']({ text, source: 'scan' });
		assert(found.ok, () => `a look-up answers: ${JSON.stringify(found)}`);
	});
	const saleMs = await timeSales(services);
	await services.stop();
	await headquarters.stop();
	const loadS = (loadedAt - beganAt) / 1000;
	const figures = {
		'import from CSV, members/s': rows / importS,
		'CSV, MiB': csvBytes / 2 ** 20,
		'snapshot written, with pairing and first contact, members/s': rows / ((beganAt - startedAt) / 1000),
		'first load over HTTP, indexes and search included, members/s': rows / loadS,
		'first load, s': loadS,
		'on the wire, MiB': (await sizeOf(join(data, 'snapshot'))) / 2 ** 20,
		'replica.db, MiB': (await stat(join(terminalFolder, 'replica.db'))).size / 2 ** 20,
		'longest pause of the event loop meanwhile, ms': pauses.pauseMs,
		'the most work in one go meanwhile, ms': pauses.workMs,
		'memory after it (the bench’s process), MiB': rssBytes / 2 ** 20,
		...named('identify while loading', duringMs),
		...named('identify by barcode, warm', identifyMs),
		...named('earn, one flush', saleMs),
	};
	return { sections: [toSection(rows, figures)], budgets: [] };
}

function named(what: string, samplesMs: readonly number[]): Readonly<Record<string, number>> {
	const { atP50 = Number.NaN, atP99 = Number.NaN, atMax = Number.NaN } = latencyValues('at', samplesMs);
	return { [`${what}, p50 ms`]: atP50, [`${what}, p99 ms`]: atP99, [`${what}, worst ms`]: atMax };
}

function toSection(rows: number, figures: Readonly<Record<string, number>>): Section {
	return {
		title: `Quick, ${rows.toLocaleString('en-US')} members, one run`,
		columns: [{ key: 'value', heading: 'measured' }],
		rows: Object.entries(figures).map(([name, value]) => ({ name, values: { value: [value] } })),
		notes: [],
	};
}

async function timeImport(csv: string, data: string): Promise<number> {
	const startedAt = performance.now();
	await promisify(execFile)(process.execPath, ['sync/hq/main.ts', 'import', csv, '--data', data], {
		cwd: PROJECT_ROOT,
		maxBuffer: 2 ** 26,
	});
	return (performance.now() - startedAt) / 1000;
}

async function timeSales({ api }: Services): Promise<readonly number[]> {
	const base = createBenchBase();
	const sales = Array.from({ length: SALES }, (_, count) => ({ id: MemberIdSchema.parse(base.member(100 + count).id), count }));
	return sample(sales, async ({ id, count }) => {
		const earned = await api['sale.earn']({
			requestId: crypto.randomUUID(),
			member: { memberId: id },
			receiptNumber: ReceiptNumberSchema.parse(`B${count}`),
			amountMinor: 1_000 + count,
			currency: 'EUR',
			isRepeatConfirmed: false,
		});
		// Who is suspended may not buy.
		if (!earned.ok) assert(earned.error.code === 'MEMBER-103', `a sale is recorded: ${earned.error.code}`);
	});
}

async function sizeOf(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const sizes = await Promise.all(
		entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}
