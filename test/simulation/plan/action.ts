import type { PlannedFault } from '../world/network.ts';

/** Terminals, members, sales and processes are named by a number; the world takes it modulo how many there are by then. */
export type Action =
	| { readonly kind: 'earn'; readonly terminal: number; readonly person: number; readonly minor: number }
	| { readonly kind: 'refund'; readonly terminal: number; readonly sale: number; readonly share: number | null }
	| { readonly kind: 'points'; readonly terminal: number; readonly person: number; readonly points: number }
	| { readonly kind: 'enrol'; readonly terminal: number; readonly card: number; readonly contact: number | null }
	| { readonly kind: 'profile'; readonly terminal: number; readonly person: number }
	| { readonly kind: 'opt_out'; readonly terminal: number; readonly person: number }
	| { readonly kind: 'void'; readonly terminal: number }
	| { readonly kind: 'sync_now'; readonly terminal: number }
	| { readonly kind: 'line'; readonly terminal: number; readonly fault: PlannedFault }
	/** Ends the program when it passes that many points; without power if `share` is given. */
	| {
			readonly kind: 'crash';
			readonly terminal: number;
			readonly points: number;
			readonly share: number | null;
			readonly downMs: number;
	  }
	| { readonly kind: 'disk_full'; readonly terminal: number; readonly writes: number }
	| { readonly kind: 'backup'; readonly terminal: number }
	| { readonly kind: 'restore'; readonly terminal: number; readonly withReplica: boolean }
	| { readonly kind: 'clone'; readonly terminal: number }
	/** The machine is gone with its disk; another one of another identity takes its place. */
	| { readonly kind: 'lose'; readonly terminal: number }
	/** A row of the replica is not what it should be: what a bug or a bad disk would do. `ghost`: one of nobody. */
	| { readonly kind: 'damage'; readonly terminal: number; readonly row: number; readonly how: 'missing' | 'older' | 'newer' | 'ghost' }
	/** The members are compared with headquarters', as in the quiet hours. */
	| { readonly kind: 'compare'; readonly terminal: number }
	/** The outbox lets go of what was settled before headquarters' backup was taken. */
	| { readonly kind: 'retire'; readonly terminal: number }
	/** `terminal: null` is headquarters' clock. */
	| { readonly kind: 'clock'; readonly terminal: number | null; readonly ms: number }
	/** The next event recorded there makes headquarters fail with `status` until that is mended, at the latest in calm weather. */
	| { readonly kind: 'poison'; readonly terminal: number; readonly status: number; readonly forMs: number | null }
	/** A person at headquarters merges two members. */
	| { readonly kind: 'merge'; readonly process: number; readonly winner: number; readonly loser: number }
	| { readonly kind: 'hq_crash'; readonly process: number; readonly points: number; readonly downMs: number }
	| { readonly kind: 'hq_backup' }
	| { readonly kind: 'hq_restore' }
	| { readonly kind: 'hq_slow'; readonly process: number; readonly statements: number; readonly ms: number }
	| { readonly kind: 'hq_flap'; readonly process: number; readonly rounds: number }
	/** An import has ended: terminals that load wait for a new snapshot. */
	| { readonly kind: 'snapshot' };

/** What happens `afterMs` after the item before it. */
export type Item = { readonly afterMs: number; readonly action: Action };

/** Everything that is done to the world, before it ends in calm weather. The same plan always leads to the same run. */
export type Plan = {
	readonly seed: number;
	readonly terminals: number;
	readonly processes: number;
	/** Requests are signed, and the signatures are checked. */
	readonly isSigned: boolean;
	readonly items: readonly Item[];
};
