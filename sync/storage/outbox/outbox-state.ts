import { assert } from '#shared/lib/assert.ts';
import type { OutboxState } from '../../outbox/outbox.ts';
import { sourcesOf } from '../../outbox/transitions.ts';
import type { Executor } from '../connection.ts';
import { countCorrected, IS_CORRECTED } from './corrections.ts';
import { changeOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import { START_AGAIN } from './change-entries.ts';
import { isAnyWaitingOutside, renumberWaiting } from './incarnation.ts';
import { moveCount, newIncarnation } from './outbox-context.ts';
import type { OutboxContext } from './outbox-context.ts';

export type StateChange = Partial<Omit<OutboxState, 'maxSeq' | 'incarnation'>>;

/** See `Outbox.saveState`. */
export function saveState(context: OutboxContext, change: StateChange): Promise<void> {
	const { memory } = context;
	return changeOutbox(context, async (tx): Promise<Change<undefined>> => {
		const after = { ...memory.state, ...change };
		const state = { ...after, skewMs: Math.round(after.skewMs) };
		await storeState(tx, state);
		return {
			value: undefined,
			follow: () => {
				memory.state = state;
			},
		};
	});
}

const OFFERED = sourcesOf('reoffer');

/** See `Outbox.reoffer`. What headquarters still has it answers as a duplicate. */
export function reofferSettled(context: OutboxContext, hqEpoch: number): Promise<number> {
	const { memory, random } = context;
	return changeOutbox(context, async (tx): Promise<Change<number>> => {
		const before = memory.state;
		if (hqEpoch === before.hqEpoch) return { value: 0, follow: null };
		assert(OFFERED.to === 'pending', 'the statement follows the table');
		// What a manager has corrected stays refused: offered again, it could count beside its correction.
		const corrected = await countCorrected(tx);
		const { changes } = await tx.run(
			`UPDATE entry SET ${START_AGAIN} WHERE status IN (SELECT value FROM json_each(?1)) AND NOT ${IS_CORRECTED}`,
			[JSON.stringify(OFFERED.from)],
		);
		// One request names one incarnation, so what is offered again from earlier ones needs a common new one.
		const isMixed = await isAnyWaitingOutside(tx, before.incarnation);
		const renumbered = isMixed ? await renumberWaiting(tx, newIncarnation(random)) : {};
		const state = { ...before, ...renumbered, hqEpoch, outcomesAfter: 0 };
		await storeState(tx, state);
		return {
			value: changes,
			follow: () => {
				memory.state = state;
				for (const from of OFFERED.from) {
					const stays = from === 'rejected' ? corrected : 0;
					moveCount(memory, { from, to: OFFERED.to, entries: memory.counts[from] - stays });
				}
			},
		};
	});
}

/** See `Outbox.renewIncarnation`. */
export function renewIncarnation(context: OutboxContext): Promise<number> {
	const { memory, random } = context;
	return changeOutbox(context, async (tx): Promise<Change<number>> => {
		const renumbered = await renumberWaiting(tx, newIncarnation(random));
		return {
			value: renumbered.maxSeq,
			follow: () => {
				memory.state = { ...memory.state, ...renumbered };
			},
		};
	});
}

async function storeState(tx: Executor, state: OutboxState): Promise<void> {
	await tx.run('UPDATE state SET hq_epoch = ?1, outcomes_after = ?2, skew = ?3 WHERE id = 1', [
		state.hqEpoch,
		state.outcomesAfter,
		state.skewMs,
	]);
}
