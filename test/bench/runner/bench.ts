import type { Section } from '../report/section.ts';
import type { Budget } from '../report/budgets.ts';
import type { BenchOptions } from '../options.ts';

/** What every scenario works with. */
export type Bench = {
	readonly options: BenchOptions;
	/** Below it everything of this run is made; `.cache/bench` of the project. */
	readonly folder: string;
	readonly say: (line: string) => void;
};

export type ScenarioReport = { readonly sections: readonly Section[]; readonly budgets: readonly Budget[] };
