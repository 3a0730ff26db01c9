/** Row locks of the database in memory: exclusive, first come first served, with the deadlock that PostgreSQL would find. */
import { never } from '../world/life.ts';
import { DatabaseError } from './database-error.ts';

/** Whoever holds locks: one transaction. */
export type Owner = { readonly label: string };

export type Locks = {
	/** Resolves when `owner` has the lock. Rejects with 40P01 when that could never be, because the holder waits for `owner`. */
	readonly acquire: (owner: Owner, key: string) => Promise<void>;
	/** Takes the lock if it is free, or says that it is not. */
	readonly tryAcquire: (owner: Owner, key: string) => boolean;
	/** At the end of a transaction. What is left of its work gets no lock any more. */
	readonly releaseAll: (owner: Owner) => void;
};

type Waiting = { readonly owner: Owner; readonly grant: () => void };

export function createLocks(): Locks {
	const holders = new Map<string, Owner>();
	const held = new Map<Owner, Set<string>>();
	const queues = new Map<string, Waiting[]>();
	const waitsFor = new Map<Owner, string>();
	const gone = new WeakSet<Owner>();

	const give = (owner: Owner, key: string): void => {
		holders.set(key, owner);
		const keys = held.get(owner) ?? new Set();
		keys.add(key);
		held.set(owner, keys);
	};
	const wouldDeadlock = (owner: Owner, key: string): boolean => {
		let holder = holders.get(key);
		while (holder !== undefined) {
			if (holder === owner) return true;
			const next = waitsFor.get(holder);
			holder = next === undefined ? undefined : holders.get(next);
		}
		return false;
	};
	const passOn = (key: string): void => {
		holders.delete(key);
		const [next, ...rest] = queues.get(key) ?? [];
		if (rest.length === 0) queues.delete(key);
		else queues.set(key, rest);
		if (next === undefined) return;
		give(next.owner, key);
		waitsFor.delete(next.owner);
		next.grant();
	};
	return {
		acquire: async (owner, key) => {
			if (gone.has(owner)) await never();
			const holder = holders.get(key);
			if (holder === owner) return;
			if (holder === undefined) {
				give(owner, key);
				return;
			}
			if (wouldDeadlock(owner, key)) throw new DatabaseError('40P01', `${owner.label} and ${holder.label} wait for each other`);
			waitsFor.set(owner, key);
			const { promise, resolve } = Promise.withResolvers<void>();
			queues.set(key, [...(queues.get(key) ?? []), { owner, grant: resolve }]);
			await promise;
		},
		tryAcquire: (owner, key) => {
			const holder = holders.get(key);
			if (holder === undefined) give(owner, key);
			return holder === undefined || holder === owner;
		},
		releaseAll: (owner) => {
			gone.add(owner);
			const waited = waitsFor.get(owner);
			waitsFor.delete(owner);
			if (waited !== undefined)
				queues.set(
					waited,
					(queues.get(waited) ?? []).filter((waiting) => waiting.owner !== owner),
				);
			for (const key of held.get(owner) ?? []) passOn(key);
			held.delete(owner);
		},
	};
}
