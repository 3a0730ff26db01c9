import { setTimeout as pause } from 'node:timers/promises';
import { assert, must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { barcodeToTry, startHeadquartersProcess } from '../support/headquarters.ts';
import { createOperator } from '../support/operator.ts';
import type { PostgresServer } from '../support/postgres.ts';
import { createJudge, newEvent, pushUntilStruck } from './struck-pushes.ts';

export type DatabaseCrashRun = {
	readonly rounds: number;
	readonly seed: number;
	readonly folder: string;
	readonly server: PostgresServer;
	readonly databaseUrl: string;
	readonly onRound?: (round: number, answered: number) => void;
};

const CRASH_WITHIN_MS = 700;
const LOOK_EVERY_MS = 50;
const READY_WITHIN_MS = 30_000;

/**
 * The server under headquarters dies at random moments while events are pushed and recovers; headquarters itself goes on, and must find it
 * again by itself. Every event that was answered is known afterwards, and counts once. Throws with seed and round of the first violation.
 */
export async function crashDatabase({
	rounds,
	seed,
	folder,
	server,
	databaseUrl,
	onRound,
}: DatabaseCrashRun): Promise<{ readonly answered: number }> {
	const random = seededRandom(seed);
	const headquarters = await startHeadquartersProcess({
		data: folder,
		members: 200,
		terminals: ['KOSS/Kossuth tér/T1/Till by the door'],
		env: { DATABASE_URL: databaseUrl },
	});
	const operator = createOperator(headquarters.ready.url);
	const member = must(await operator.findByBarcode(barcodeToTry(headquarters, /gold/)), 'the gold member');
	const { judge, total } = createJudge(member);
	for (let round = 1; round <= rounds; round += 1) {
		const where = `seed ${seed}, round ${round}`;
		const sent = await pushUntilStruck({
			operator,
			newEvent: () => newEvent(member.id, random),
			afterMs: 50 + random.fraction() * CRASH_WITHIN_MS,
			strike: server.crash,
		});
		await server.restart();
		await waitUntilReady(operator, member.id, where);
		await judge(operator, sent, where);
		onRound?.(round, total.answered);
	}
	await headquarters.stop();
	return { answered: total.answered };
}

/** Until headquarters answers from its database again: connections that died with the server may still be in its pool. */
async function waitUntilReady(operator: ReturnType<typeof createOperator>, memberId: string, where: string): Promise<void> {
	for (const untilMs = performance.now() + READY_WITHIN_MS; ;) {
		const answer = await operator.call('GET', `/customers/${encodeURIComponent(memberId)}`);
		if (answer.status < 500) return;
		assert(performance.now() < untilMs, () => `${where}: headquarters does not find its database again: ${answer.status}`);
		await pause(LOOK_EVERY_MS);
	}
}
