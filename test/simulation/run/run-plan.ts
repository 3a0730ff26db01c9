/** Runs one plan from its first item to its end in calm weather, and says what was violated first. */
import { audit } from '../invariants/audit.ts';
import type { Violation } from '../invariants/violation.ts';
import type { Plan } from '../plan/action.ts';
import { ALL_SAFEGUARDS } from '../safeguards/safeguards.ts';
import type { Safeguards } from '../safeguards/safeguards.ts';
import { perform } from '../world/perform.ts';
import { createWorld, openWorld } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { settleDown } from './settle-down.ts';

export type Outcome = {
	readonly violation: Violation | null;
	/** Events that headquarters has at the end. */
	readonly events: number;
	readonly epochs: number;
	readonly virtualMs: number;
};

export type RunOptions = { readonly safeguards?: Safeguards; readonly note?: (line: string) => void };

export async function runPlan(plan: Plan, { safeguards = ALL_SAFEGUARDS, note }: RunOptions = {}): Promise<Outcome> {
	const world = createWorld(plan, note === undefined ? { safeguards } : { safeguards, note });
	const onRejection = (error: unknown): void => world.report('defect', String(error));
	process.on('unhandledRejection', onRejection);
	audit(world);
	openWorld(world);
	try {
		await carryOut(world);
	} finally {
		close(world);
		process.off('unhandledRejection', onRejection);
	}
	return {
		violation: world.violation(),
		events: world.store.tables().event.size,
		epochs: world.booksByEpoch.size,
		virtualMs: world.time.clock.monotonicMs(),
	};
}

async function carryOut(world: World): Promise<void> {
	// Every plan begins with a working day that has begun well: all terminals have their members.
	await world.time.advance(FIRST_MS);
	for (const { afterMs, action } of world.plan.items) {
		await world.time.advance(afterMs);
		if (world.violation() !== null) return;
		perform(world, action);
	}
	await world.time.advance(0);
	if (world.violation() === null) await settleDown(world);
}

const FIRST_MS = 3_000;

/** Nothing of this run goes on: no timer, no call. */
function close({ machines, lost, processes }: World): void {
	for (const machine of [...machines, ...lost]) machine.stop(null);
	for (const process of processes) process?.life.end();
}
