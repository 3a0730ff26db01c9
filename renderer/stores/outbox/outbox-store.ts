import { create } from 'zustand';
import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import type { EventId } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** The list of what was recorded here, as last read, and what the cashier does with it. */
export type OutboxState = {
	readonly show: CallInput<'outbox.list'>['show'];
	readonly lines: readonly OutboxLine[];
	readonly hasMore: boolean;
	/** `null` until first read. */
	readonly proof: CallOutput<'outbox.list'>['proof'] | null;
	readonly error: LoyaltyError | null;
	/** The entry whose details are open, and its life once it was read. */
	readonly openedId: EventId | null;
	readonly life: CallOutput<'outbox.entry'> | null;
	/** The entry that is being sent again or taken back. */
	readonly busyId: string | null;
	/** Which read is the last: the answer to an earlier one is too late. */
	readonly seq: number;
};

export const initialOutboxState: OutboxState = {
	show: 'waiting',
	lines: [],
	hasMore: false,
	proof: null,
	error: null,
	openedId: null,
	life: null,
	busyId: null,
	seq: 0,
};

export const useOutboxStore = create<OutboxState>(() => initialOutboxState);
