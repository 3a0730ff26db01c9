import { parseArgs } from 'node:util';
import { z } from 'zod';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';

export const SCENARIOS = ['lookup', 'hydrate', 'push', 'ingest', 'feed', 'snapshot', 'record', 'quick'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

/** What `npm run bench` was asked for. */
export type BenchOptions = {
	readonly scenarios: readonly ScenarioName[];
	readonly members: number;
	/** Members that peers load: at most `members`, and less for those that cannot hold as many. */
	readonly peerMembers: number;
	readonly runs: number;
	/** Events of the push and of the ingest. */
	readonly events: number;
	readonly hasPeers: boolean;
	readonly isRecorded: boolean;
};

export const USAGE = `npm run bench -- [SCENARIO …] [options]

  ${SCENARIOS.join(', ')}; without a name all but quick

  --members N        members of headquarters and terminal (100000)
  --peer-members N   members that peers load (as many, up to 200000)
  --runs N           runs of which medians are told (5)
  --events N         loyalty events of push and ingest (20000)
  --no-peers         without the peers
  --record           also puts what was measured into test/bench/RESULTS.md`;

const PEER_MEMBERS_MAX = 200_000;
const DEFAULT_MEMBERS = '100000';
/** What the one-minute look at a million was always for. */
const QUICK_MEMBERS = '1000000';

const whole = (name: string, least: number, most: number): z.ZodType<number> =>
	z.coerce
		.number(`--${name} is a number`)
		.pipe(z.int(`--${name} is whole`).min(least, `--${name} is at least ${least}`).max(most, `--${name} is at most ${most}`));

const FlagsSchema = z.object({
	members: whole('members', 1000, 10_000_000),
	'peer-members': whole('peer-members', 1000, 1_000_000).optional(),
	runs: whole('runs', 1, 25),
	events: whole('events', 500, 1_000_000),
	'no-peers': z.boolean(),
	record: z.boolean(),
});

const FLAGS = {
	members: { type: 'string' },
	'peer-members': { type: 'string' },
	runs: { type: 'string', default: '5' },
	events: { type: 'string', default: '20000' },
	'no-peers': { type: 'boolean', default: false },
	record: { type: 'boolean', default: false },
} as const;

/** Reads the command line. Fails with a sentence to print. */
export function readOptions(args: readonly string[]): Result<BenchOptions, string> {
	const read = parse(args);
	if (!read.ok) return read;
	const named = z.array(z.enum(SCENARIOS)).safeParse(read.value.positionals);
	if (!named.success) return fail(`There is no such scenario: ${read.value.positionals.join(' ')}`);
	const scenarios = named.data.length > 0 ? named.data : SCENARIOS.filter((name) => name !== 'quick');
	const isQuickAlone = scenarios.every((name) => name === 'quick');
	const members = read.value.values.members ?? (isQuickAlone ? QUICK_MEMBERS : DEFAULT_MEMBERS);
	const flags = FlagsSchema.safeParse({ ...read.value.values, members });
	if (!flags.success) return fail(flags.error.issues.map(({ message }) => message).join('; '));
	const { runs, events, 'no-peers': isWithoutPeers, record: isRecorded } = flags.data;
	const peerMembers = Math.min(flags.data.members, flags.data['peer-members'] ?? PEER_MEMBERS_MAX);
	return ok({ scenarios, members: flags.data.members, peerMembers, runs, events, hasPeers: !isWithoutPeers, isRecorded });
}

function parse(args: readonly string[]) {
	try {
		return ok(parseArgs({ args: [...args], allowPositionals: true, options: FLAGS }));
	} catch (cause) {
		return fail(cause instanceof Error ? cause.message : 'unreadable options');
	}
}
