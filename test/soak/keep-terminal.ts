import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import type { Operation } from './history.ts';
import { createKiller } from './killer.ts';
import { FromTerminalSchema } from './terminal-messages.ts';
import type { FromTerminal, SoakTerminalOptions } from './terminal-messages.ts';

export type KeptTerminal = {
	readonly name: string;
	/** Events that the cashier was told are done. */
	readonly recorded: () => number;
	/** It has recorded all that it was to record. */
	readonly isDone: () => boolean;
	/** It is done and headquarters has answered everything. */
	readonly hasDrained: () => boolean;
	readonly kills: () => number;
	/** Asks for its state; what it answers is in `hasDrained`. */
	readonly ask: () => void;
	readonly startKilling: () => void;
	readonly stopKilling: () => Promise<void>;
	/** It has pulled everything that was there at this moment (unix milliseconds; both run on one machine). */
	readonly hasPulledSince: (ms: number) => boolean;
	readonly stop: () => Promise<void>;
	/** For the message of a soak that does not end. */
	readonly describe: () => string;
};

export type KeptTerminalOptions = Omit<SoakTerminalOptions, 'sells' | 'pairingCode'> & {
	readonly name: string;
	readonly pairingCode: string;
	readonly events: number;
	readonly killEveryMs: number;
	readonly killsMax: number | null;
	readonly write: (operation: Operation) => void;
};

const ReadySchema = z.object({ type: z.literal('ready') });
const LOOK_EVERY_MS = 20;

type State = {
	child: Child<z.infer<typeof ReadySchema>> | null;
	recorded: number;
	starts: number;
	status: Extract<FromTerminal, { type: 'status' }> | null;
};

/** A terminal that is started again over the same files each time that it was killed, until it has recorded its share. */
export async function keepTerminal(options: KeptTerminalOptions): Promise<KeptTerminal> {
	const { name, folder, events } = options;
	await mkdir(folder, { recursive: true });
	const state: State = { child: null, recorded: 0, starts: 0, status: null };
	await start(options, state);
	const killer = createKiller({
		random: seededRandom(options.seed + 1),
		everyMs: options.killEveryMs,
		killsMax: options.killsMax,
		kill: async (stopping) => {
			await state.child?.kill();
			options.write({ type: 'killed', process: name });
			await start(options, state);
			const before = state.recorded;
			while (state.recorded === before && state.recorded < events && !stopping.aborted) await pause(LOOK_EVERY_MS);
		},
	});
	return {
		name,
		recorded: () => state.recorded,
		isDone: () => state.recorded >= events,
		hasDrained: () => state.recorded >= events && state.status?.waiting === 0,
		kills: killer.kills,
		ask: () => state.child?.send({ type: 'status' }),
		startKilling: killer.start,
		stopKilling: async () => {
			await killer.stop();
			state.status = null;
		},
		hasPulledSince: (ms) => (state.status?.pulledAtMs ?? 0) >= ms,
		stop: async () => {
			await state.child?.stop();
		},
		describe: () =>
			`${name}: recorded ${state.recorded} of ${events}, ${JSON.stringify(state.status)}\n${state.child?.output().slice(-2000) ?? ''}`,
	};
}

async function start(options: KeptTerminalOptions, state: State): Promise<void> {
	const { folder, hqUrl, pins, seed, events } = options;
	state.starts += 1;
	state.status = null;
	const terminalOptions: SoakTerminalOptions = {
		folder,
		hqUrl,
		pins,
		// Another one after each start, or it would try the same receipts again.
		seed: seed + 1000 * state.starts,
		pairingCode: state.starts === 1 ? options.pairingCode : null,
		sells: state.recorded < events,
	};
	state.child = await startChild({
		entry: 'test/soak/terminal.ts',
		args: [JSON.stringify(terminalOptions)],
		ready: ReadySchema,
		onProgress: (message) => {
			listen(options, state, message);
		},
	});
}

function listen({ name, events, write }: KeptTerminalOptions, state: State, message: unknown): void {
	const told = FromTerminalSchema.parse(message);
	if (told.type === 'status') state.status = told;
	if (told.type === 'invoked') write({ ...told, terminal: name });
	if (told.type === 'recorded') {
		write({ ...told, terminal: name });
		state.recorded += 1;
		if (state.recorded === events) state.child?.send({ type: 'enough' });
	}
}
