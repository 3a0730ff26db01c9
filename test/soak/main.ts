import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { PROJECT_ROOT } from '../support/child.ts';
import { STORMY } from '../simulators/weather.ts';
import { runSoak } from './run-soak.ts';
import type { SoakReport } from './run-soak.ts';

const USAGE =
	'Usage: npm run soak -- [--events 100000] [--terminals 3] [--seed N] [--kill-terminals-every SECONDS] [--kill-hq-every SECONDS]';
const MINUTE_MS = 60_000;

const whole = (least: number, most: number): z.ZodType<number> => z.coerce.number().pipe(z.int().min(least).max(most));
const OptionsSchema = z.object({
	events: whole(100, 1_000_000),
	terminals: whole(1, 8),
	seed: whole(0, 2 ** 31),
	'kill-terminals-every': whole(1, 3600),
	'kill-hq-every': whole(1, 3600),
});

const { values } = parseArgs({
	options: {
		events: { type: 'string', default: '100000' },
		terminals: { type: 'string', default: '3' },
		seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
		'kill-terminals-every': { type: 'string', default: '20' },
		'kill-hq-every': { type: 'string', default: '45' },
	},
});
const parsed = OptionsSchema.safeParse(values);
if (!parsed.success) {
	console.error(USAGE);
	process.exit(2);
}
const options = parsed.data;
console.log(`seed ${options.seed}: ${options.events} events, ${options.terminals} terminals`);
const report = await runSoak(
	{
		folder: join(PROJECT_ROOT, '.cache/soak'),
		seed: options.seed,
		terminals: options.terminals,
		events: options.events,
		climate: STORMY,
		killTerminalEveryMs: options['kill-terminals-every'] * 1000,
		killHeadquartersEveryMs: options['kill-hq-every'] * 1000,
		killsMax: null,
		withinMs: 90 * MINUTE_MS,
	},
	createProgress(options.events),
);
print(report);
process.exit(report.verdict.violations.length === 0 && report.verdict.waiting === 0 ? 0 : 1);

function createProgress(events: number): (recorded: number) => void {
	let told = 0;
	return (recorded) => {
		const tenth = Math.floor((recorded / events) * 10);
		if (tenth <= told) return;
		told = tenth;
		console.log(`${recorded} recorded (${tenth * 10} %)`);
	};
}

function print({ verdict, ...report }: SoakReport): void {
	const balance = verdict.violations.filter(({ invariant }) => invariant === 'I1' || invariant === 'I5').length;
	const of = (invariant: string): number => verdict.violations.filter((violation) => violation.invariant === invariant).length;
	console.log(`recorded ${verdict.recorded} · applied ${verdict.applied} · rejected ${verdict.rejected} · waiting ${verdict.waiting}`);
	console.log(
		`lost ${of('I3')} · twice or changed ${of('I2')} · forgotten by headquarters ${of('I11')} · out of order ${of('I4')} · balance errors ${balance}`,
	);
	console.log(`kill -9: terminals ${report.terminalKills}, headquarters ${report.headquartersKills}`);
	console.log(`faults ${JSON.stringify(report.faults)}`);
	console.log(`recording ${(report.recordingMs / 1000).toFixed(0)} s, draining after it ${(report.drainingMs / 1000).toFixed(0)} s`);
	for (const { invariant, what } of verdict.violations.slice(0, 20)) console.log(`${invariant}: ${what}`);
	console.log(`history: ${report.historyFile}`);
}
