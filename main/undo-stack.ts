/** What a start has done, to be undone in the reverse order: at the end of the run, or when a later step fails. */
export type UndoStack = {
	readonly push: (step: () => void | Promise<void>) => void;
	/** Runs each step once, the newest first; one that throws ends the program's hope of an orderly stop, so it is passed on. */
	readonly undo: () => Promise<void>;
};

/** An empty stack. */
export function createUndoStack(): UndoStack {
	const steps: (() => void | Promise<void>)[] = [];
	return {
		push: (step) => {
			steps.push(step);
		},
		undo: async () => {
			for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
		},
	};
}
