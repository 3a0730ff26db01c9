import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endInFairWeather } from './check-end.ts';
import { shopCommands } from './commands.ts';
import { readModelOptions } from './model-options.ts';
import { openWorld, prepareStart, TERMINALS } from './world.ts';
import type { Start } from './world.ts';

const { runs, commandsMax, withinMs, replay, replayPath, isVerbose } = readModelOptions(process.env);
/** For the run that the end of the time falls into. */
const LAST_RUN_MS = 60_000;

let start: Start;
beforeAll(async () => {
	start = await prepareStart();
});
afterAll(() => start.close());

test(
	'I12: whatever crashes, is restored, merged, forgotten or said twice, every event that survives counts once, and every screen is right all the while',
	async () => {
		const done = new Map<string, number>();
		const stories = fc.commands(shopCommands({ terminals: TERMINALS }), { maxCommands: commandsMax, size: 'max', ...replayPath });
		const property = fc.asyncProperty(stories, async (commands) => {
			const { model, real } = await openWorld(start);
			try {
				await fc.asyncModelRun(() => ({ model, real }), commands);
				await endInFairWeather(model, real);
				for (const [what, times] of real.done) done.set(what, (done.get(what) ?? 0) + times);
			} finally {
				await real.close();
			}
		});
		await fc.assert(property, { numRuns: runs, plugins: [fc.interruptAfterTimeLimit(withinMs)], ...replay });
		if (isVerbose) process.stdout.write(`${JSON.stringify(Object.fromEntries(done))}\n`);
		expect(done.size).toBeGreaterThan(0);
	},
	withinMs + LAST_RUN_MS,
);
