import type { Row } from '../report/section.ts';
import { missingBecause } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** One that is measured: its name in the tables and how one run of it goes. */
export type Contender = {
	readonly name: string;
	readonly note?: string;
	readonly run: (run: number) => Promise<Outcome>;
};

/**
 * Runs every contender `runs` times, one after another within each round, so that a machine that slows down slows all of them. One that fails is
 * left out from then on, with its reason.
 */
export async function gatherRuns(contenders: readonly Contender[], runs: number, say: (line: string) => void): Promise<readonly Row[]> {
	const values = new Map<string, Record<string, number[]>>();
	const missing = new Map<string, string>();
	for (let run = 1; run <= runs; run += 1) {
		for (const contender of contenders) {
			if (missing.has(contender.name)) continue;
			const startedAt = performance.now();
			const outcome = await attempt(contender, run);
			if (outcome.type === 'missing') missing.set(contender.name, outcome.reason);
			else add(values, contender.name, outcome.values);
			const result =
				outcome.type === 'missing' ? `left out: ${outcome.reason}` : `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
			say(`  run ${run} of ${runs}: ${contender.name}, ${result}`);
		}
	}
	return contenders.map(({ name, note }) => {
		const reason = missing.get(name);
		return {
			name,
			values: values.get(name) ?? {},
			...(note === undefined ? {} : { note }),
			...(reason === undefined ? {} : { missing: reason }),
		};
	});
}

/** What goes wrong around one contender costs the others nothing. */
async function attempt(contender: Contender, run: number): Promise<Outcome> {
	try {
		return await contender.run(run);
	} catch (cause) {
		return missingBecause(cause);
	}
}

function add(values: Map<string, Record<string, number[]>>, name: string, measured: Readonly<Record<string, number>>): void {
	const known = values.get(name) ?? {};
	for (const [key, value] of Object.entries(measured)) known[key] = [...(known[key] ?? []), value];
	values.set(name, known);
}
