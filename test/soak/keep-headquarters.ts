import { must } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';
import { createKiller } from './killer.ts';

export type KeptHeadquarters = {
	/** The same for every process of it. */
	readonly url: string;
	readonly pins: HeadquartersProcess['ready']['pins'];
	readonly pairingCode: (terminal: string) => string;
	readonly kills: () => number;
	readonly startKilling: () => void;
	/** Resolves when it runs and will not be killed any more. */
	readonly stopKilling: () => Promise<void>;
	readonly stop: () => Promise<void>;
};

/** A headquarters that is started again over the same data, at the same port, each time that it was killed. */
export async function keepHeadquarters(options: {
	readonly data: string;
	readonly members: number;
	readonly terminals: readonly string[];
	readonly random: Random;
	readonly killEveryMs: number;
	readonly killsMax: number | null;
	readonly onKill: () => void;
}): Promise<KeptHeadquarters> {
	const first = await startHeadquartersProcess({
		data: options.data,
		members: options.members,
		terminals: options.terminals.map((name) => `SOAK/Soak outlet/${name}/${name}`),
	});
	const { url, pins, pairing } = first.ready;
	const port = Number(new URL(url).port);
	let running = first;
	const killer = createKiller({
		random: options.random,
		everyMs: options.killEveryMs,
		killsMax: options.killsMax,
		kill: async () => {
			await running.kill();
			options.onKill();
			running = await startHeadquartersProcess({ data: options.data, members: 0, terminals: [], port });
		},
	});
	return {
		url,
		pins,
		pairingCode: (terminal) =>
			must(
				pairing.find((candidate) => candidate.terminal === terminal),
				`a pairing code for ${terminal}`,
			).code,
		kills: killer.kills,
		startKilling: killer.start,
		stopKilling: killer.stop,
		stop: async () => running.stop(),
	};
}
