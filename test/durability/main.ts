/** `npm run durability -- [--rounds 1000] [--seed N]`: the kill loops and torn logs of the tests, as long as is wanted. Ends with 1 at the first loss. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../support/postgres.ts';
import { crashDatabase } from './crash-database.ts';
import { killHeadquarters } from './kill-headquarters.ts';
import { killTerminal } from './kill-terminal.ts';
import { tearLog } from './torn-log.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } } });
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100_000 || !Number.isInteger(seed)) {
	process.stderr.write('Usage: npm run durability -- [--rounds 1…100000] [--seed N]\n');
	process.exit(2);
}
/** A start of the embedded database takes seconds; of a terminal, or of a headquarters beside a PostgreSQL that goes on, a fraction of one. */
const embeddedRounds = Math.ceil(rounds / 20);
const folder = await mkdtemp(path.join(tmpdir(), 'regulars-durability-'));
try {
	const torn = await tearLog({ cases: rounds, seed, folder: path.join(folder) });
	say(`${rounds} torn logs: nothing lost (${torn.beyond} of them kept more than was acknowledged)`);
	const terminal = await killTerminal({
		rounds,
		seed,
		folder: path.join(folder, 'terminal'),
		onRound: reportEvery(50, rounds, 'terminal'),
	});
	say(`${rounds} kills of a terminal: ${terminal.acknowledged} acknowledged recordings, all there`);
	const embedded = await killHeadquarters({
		rounds: embeddedRounds,
		seed,
		folder: path.join(folder, 'hq'),
		onRound: reportEvery(5, embeddedRounds, 'headquarters'),
	});
	say(`${embeddedRounds} kills of headquarters, embedded database: ${embedded.answered} answered events, all known, none twice`);
	const server = await startPostgres();
	try {
		const databaseUrl = await server.createDatabase('durability');
		const run = { rounds, seed, folder: path.join(folder, 'hq-postgresql'), databaseUrl };
		const postgres = await killHeadquarters({ ...run, onRound: reportEvery(50, rounds, 'headquarters on PostgreSQL') });
		say(`${rounds} kills of headquarters, PostgreSQL: ${postgres.answered} answered events, all known, none twice`);
	} finally {
		await server.stop();
	}
	// A commit that was answered must be where a crash of the server leaves it.
	const crashing = await startPostgres(['synchronous_commit=on']);
	try {
		const run = { rounds: embeddedRounds, seed, folder: path.join(folder, 'hq-crashing'), server: crashing };
		const crashed = await crashDatabase({
			...run,
			databaseUrl: await crashing.createDatabase('crashing'),
			onRound: reportEvery(5, embeddedRounds, 'PostgreSQL'),
		});
		say(`${embeddedRounds} crashes of PostgreSQL under headquarters: ${crashed.answered} answered events, all known, none twice`);
	} finally {
		await crashing.stop();
	}
} finally {
	await rm(folder, { recursive: true, force: true });
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

function reportEvery(step: number, of: number, what: string): (round: number, count: number) => void {
	return (round, count) => {
		if (round % step === 0 && round < of) say(`  ${what}: round ${round} of ${of}, ${count} so far`);
	};
}
