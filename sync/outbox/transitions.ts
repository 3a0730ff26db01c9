import type { OutcomeStatus } from '#shared/wire/push.ts';
import { assert } from '#shared/lib/assert.ts';
import { ENTRY_STATUSES } from './entry.ts';
import type { EntryStatus } from './entry.ts';

/**
 * What can happen to an entry: headquarters' answers, and
 * `take` into a batch · `recover` after a start · `release` no answer came · `lose_answer` the same at a store without event ids ·
 * `park` alone it makes headquarters fail · `void` the cashier takes it back · `resend` a person sends it again · `close` a manager wants nothing more of it ·
 * `reoffer` headquarters was restored and may have forgotten it.
 */
export type EntryEvent = OutcomeStatus | 'take' | 'recover' | 'release' | 'lose_answer' | 'park' | 'void' | 'resend' | 'reoffer' | 'close';

/** `ignored`: it changes nothing, or the person who asked is refused. `impossible`: our own defect. */
export type Transition = EntryStatus | 'ignored' | 'impossible';

/**
 * The whole life of an entry; pure, every cell filled. Reasons for the cells that are not obvious:
 * - An answer can meet `pending`: it was pulled as an outcome after the push's own answer was lost, or the disk was restored from a backup.
 * - `voided` + `applied`: only after a restore (an entry that was sent is not voided). Headquarters has given the points, so that is the truth.
 * - `applied` and `rejected` are final until headquarters itself is restored (`reoffer`) or a person sends a rejected one again.
 * - `closed` is the end: it is neither sent again nor offered to a restored headquarters, for it may have been put right another way.
 *   Only `rejected` is closed: of everything else headquarters may still say that it counts.
 * - `deferred` + `fork`: headquarters stored nothing and the entry gets its new place like all waiting ones; its time stays.
 */
export const TRANSITIONS: Record<EntryStatus, Record<EntryEvent, Transition>> = {
	pending: {
		applied: 'applied',
		duplicate: 'applied',
		rejected: 'rejected',
		deferred: 'deferred',
		fork: 'pending',
		mismatch: 'parked',
		take: 'sending',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'parked',
		void: 'voided',
		resend: 'ignored',
		reoffer: 'ignored',
		close: 'ignored',
	},
	sending: {
		applied: 'applied',
		duplicate: 'applied',
		rejected: 'rejected',
		deferred: 'deferred',
		fork: 'pending',
		mismatch: 'parked',
		take: 'impossible',
		recover: 'pending',
		release: 'pending',
		lose_answer: 'unknown',
		park: 'parked',
		void: 'ignored',
		resend: 'ignored',
		reoffer: 'ignored',
		close: 'ignored',
	},
	applied: {
		applied: 'ignored',
		duplicate: 'ignored',
		rejected: 'ignored',
		deferred: 'ignored',
		fork: 'ignored',
		mismatch: 'ignored',
		take: 'impossible',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'ignored',
		void: 'ignored',
		resend: 'ignored',
		reoffer: 'pending',
		close: 'ignored',
	},
	rejected: {
		applied: 'ignored',
		duplicate: 'ignored',
		rejected: 'ignored',
		deferred: 'ignored',
		fork: 'ignored',
		mismatch: 'ignored',
		take: 'impossible',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'ignored',
		void: 'ignored',
		resend: 'pending',
		reoffer: 'pending',
		close: 'closed',
	},
	deferred: {
		applied: 'applied',
		duplicate: 'applied',
		rejected: 'rejected',
		deferred: 'ignored',
		fork: 'deferred',
		mismatch: 'parked',
		take: 'sending',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'parked',
		void: 'ignored',
		resend: 'ignored',
		reoffer: 'ignored',
		close: 'ignored',
	},
	unknown: {
		applied: 'applied',
		duplicate: 'applied',
		rejected: 'rejected',
		deferred: 'deferred',
		fork: 'pending',
		mismatch: 'parked',
		take: 'impossible',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'parked',
		void: 'ignored',
		resend: 'ignored',
		reoffer: 'ignored',
		close: 'ignored',
	},
	parked: {
		applied: 'applied',
		duplicate: 'applied',
		rejected: 'rejected',
		deferred: 'ignored',
		fork: 'ignored',
		mismatch: 'ignored',
		take: 'sending',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'parked',
		void: 'ignored',
		resend: 'pending',
		reoffer: 'ignored',
		close: 'ignored',
	},
	voided: {
		applied: 'applied',
		duplicate: 'applied',
		rejected: 'ignored',
		deferred: 'ignored',
		fork: 'ignored',
		mismatch: 'ignored',
		take: 'impossible',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'ignored',
		void: 'ignored',
		resend: 'ignored',
		reoffer: 'ignored',
		close: 'ignored',
	},
	closed: {
		applied: 'ignored',
		duplicate: 'ignored',
		rejected: 'ignored',
		deferred: 'ignored',
		fork: 'ignored',
		mismatch: 'ignored',
		take: 'impossible',
		recover: 'ignored',
		release: 'ignored',
		lose_answer: 'ignored',
		park: 'ignored',
		void: 'ignored',
		resend: 'ignored',
		reoffer: 'ignored',
		close: 'ignored',
	},
};

/** The status after `event`, or `null` when the event changes nothing. */
export function nextStatus(status: EntryStatus, event: EntryEvent): EntryStatus | null {
	const next = TRANSITIONS[status][event];
	assert(next !== 'impossible', () => `${event} cannot happen to an entry that is ${status}`);
	return next === 'ignored' ? null : next;
}

/** The statuses that `event` changes, all into the same one: for a statement over many entries. */
export function sourcesOf(event: EntryEvent): { readonly from: readonly EntryStatus[]; readonly to: EntryStatus } {
	const changes = ENTRY_STATUSES.flatMap((from) => {
		const to = TRANSITIONS[from][event];
		return to === 'ignored' || to === 'impossible' ? [] : [{ from, to }];
	});
	const [first] = changes;
	assert(first !== undefined && changes.every(({ to }) => to === first.to), () => `${event} leads to one status`);
	return { from: changes.map(({ from }) => from), to: first.to };
}
