import { z } from 'zod';

const EnvironmentSchema = z.object({
	/** Stories in all. */
	REGULARS_MODEL_RUNS: z.coerce.number().int().min(1).default(12),
	/** Commands of one story, at most. */
	REGULARS_MODEL_COMMANDS: z.coerce.number().int().min(1).default(40),
	/** The time for one story, all together for the runs and for making a failure shorter. Seconds. */
	REGULARS_MODEL_SECONDS: z.coerce.number().int().min(1).default(8),
	/** As a failure prints them. */
	REGULARS_MODEL_SEED: z.coerce.number().int().optional(),
	REGULARS_MODEL_PATH: z.string().optional(),
	REGULARS_MODEL_REPLAY_PATH: z.string().optional(),
	/** How often each command did something. */
	REGULARS_MODEL_VERBOSE: z.string().optional(),
});

export type ModelOptions = {
	readonly runs: number;
	readonly commandsMax: number;
	readonly withinMs: number;
	readonly replay: { readonly seed?: number; readonly path?: string };
	readonly replayPath: { readonly replayPath?: string };
	readonly isVerbose: boolean;
};

/** See README.md. Throws for a number that is none. */
export function readModelOptions(environment: Readonly<Record<string, string | undefined>>): ModelOptions {
	const read = EnvironmentSchema.parse(environment);
	const { REGULARS_MODEL_RUNS: runs, REGULARS_MODEL_SEED: seed, REGULARS_MODEL_PATH: path, REGULARS_MODEL_REPLAY_PATH: replayPath } = read;
	return {
		runs,
		commandsMax: read.REGULARS_MODEL_COMMANDS,
		withinMs: runs * read.REGULARS_MODEL_SECONDS * 1_000,
		replay: { ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }) },
		replayPath: replayPath === undefined ? {} : { replayPath },
		isVerbose: read.REGULARS_MODEL_VERBOSE !== undefined,
	};
}
