import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { barcodeToTry, startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';
import { createOperator } from '../support/operator.ts';
import { createJudge, newEvent, pushUntilStruck } from './struck-pushes.ts';

export type HeadquartersKillRun = {
	readonly rounds: number;
	readonly seed: number;
	/** Of headquarters: its embedded database, unless `databaseUrl` names a server. */
	readonly folder: string;
	readonly databaseUrl?: string;
	readonly onRound?: (round: number, answered: number) => void;
};

const KILL_WITHIN_MS = 700;

/**
 * Kills headquarters with -9 at random moments while events are pushed, starts it again on the same data, and asks for every event that it had
 * answered: each must be known with its outcome, and the member's balance must hold each exactly once. Throws with seed and round of the first violation.
 */
export async function killHeadquarters(run: HeadquartersKillRun): Promise<{ readonly answered: number; readonly unanswered: number }> {
	const random = seededRandom(run.seed);
	let headquarters = await start(run, true);
	const card = barcodeToTry(headquarters, /gold/);
	const member = must(await createOperator(headquarters.ready.url).findByBarcode(card), 'the gold member');
	const { judge, total } = createJudge(member);
	for (let round = 1; round <= run.rounds; round += 1) {
		const { kill } = headquarters;
		const sent = await pushUntilStruck({
			operator: createOperator(headquarters.ready.url),
			newEvent: () => newEvent(member.id, random),
			afterMs: 50 + random.fraction() * KILL_WITHIN_MS,
			strike: kill,
		});
		headquarters = await start(run, false);
		await judge(createOperator(headquarters.ready.url), sent, `seed ${run.seed}, round ${round}`);
		run.onRound?.(round, total.answered);
	}
	await headquarters.stop();
	return { answered: total.answered, unanswered: total.sent - total.answered };
}

async function start({ folder, databaseUrl }: HeadquartersKillRun, isFirst: boolean): Promise<HeadquartersProcess> {
	return startHeadquartersProcess({
		data: folder,
		members: 200,
		terminals: isFirst ? ['KOSS/Kossuth tér/T1/Till by the door'] : [],
		...(databaseUrl === undefined ? {} : { env: { DATABASE_URL: databaseUrl } }),
	});
}
