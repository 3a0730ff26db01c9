/**
 * One transaction of the database in memory: READ COMMITTED with row locks. What it writes lies over the committed rows until `commit`,
 * which is one step; a transaction that is dropped has changed nothing.
 */
import { DatabaseError } from './database-error.ts';
import type { Locks, Owner } from './locks.ts';
import type { Rows, TableName, Tables } from './tables.ts';

/** A row before and after a commit; `null` when there was or is none. */
export type Change<Name extends TableName = TableName> = {
	readonly table: Name;
	readonly key: string;
	readonly before: Rows[Name] | null;
	readonly after: Rows[Name] | null;
};

/** One table as this transaction sees it. */
export type View<Row> = {
	readonly get: (key: string) => Row | undefined;
	readonly all: () => Row[];
	/** Waits for the row's lock; afterwards `get` answers what is committed by then. */
	readonly lock: (key: string) => Promise<void>;
	readonly tryLock: (key: string) => boolean;
	/** Fails with 23505 when the key is taken, after waiting for whoever is just about to take it. */
	readonly insert: (key: string, row: Row) => Promise<void>;
	readonly put: (key: string, row: Row) => Promise<void>;
	readonly remove: (key: string) => Promise<void>;
};

type Layer<Row> = View<Row> & { readonly written: Map<string, Row | null> };

export type Transaction = { readonly [Name in TableName]: View<Rows[Name]> } & {
	/** A unique key besides the primary one, or an advisory lock. */
	readonly lockKey: (key: string) => Promise<void>;
	readonly tryLockKey: (key: string) => boolean;
	/** The next number of the one sequence; never given again, whatever becomes of the transaction. */
	readonly nextNumber: () => number;
	readonly savepoint: () => void;
	readonly rollbackToSavepoint: () => void;
	readonly commit: () => readonly Change[];
	/** Lets go of the locks. Without a commit before, nothing has happened. */
	readonly end: () => void;
};

export type Begun = { readonly tables: Tables; readonly locks: Locks; readonly label: string; readonly nextNumber: () => number };

export function beginTransaction({ tables, locks, label, nextNumber }: Begun): Transaction {
	const owner: Owner = { label };
	const layer = <Name extends TableName>(name: Name): Layer<Rows[Name]> => createLayer(tables[name], { name, locks, owner });
	const layers = {
		member: layer('member'),
		card_index: layer('card_index'),
		forgotten_card: layer('forgotten_card'),
		event: layer('event'),
		sale: layer('sale'),
		sale_refund: layer('sale_refund'),
		ledger_entry: layer('ledger_entry'),
		change_staging: layer('change_staging'),
		shard: layer('shard'),
		terminal: layer('terminal'),
		hq_state: layer('hq_state'),
		member_import: layer('member_import'),
	};
	let saved: (() => void)[] = [];
	return {
		...layers,
		lockKey: (key) => locks.acquire(owner, key),
		tryLockKey: (key) => locks.tryAcquire(owner, key),
		nextNumber,
		savepoint: () => {
			saved = Object.values(layers).map((each) => remember<unknown>(each.written));
		},
		rollbackToSavepoint: () => {
			for (const restore of saved) restore();
		},
		commit: () => [
			...flush('member', tables, layers),
			...flush('card_index', tables, layers),
			...flush('forgotten_card', tables, layers),
			...flush('event', tables, layers),
			...flush('sale', tables, layers),
			...flush('sale_refund', tables, layers),
			...flush('ledger_entry', tables, layers),
			...flush('change_staging', tables, layers),
			...flush('shard', tables, layers),
			...flush('terminal', tables, layers),
			...flush('hq_state', tables, layers),
			...flush('member_import', tables, layers),
		],
		end: () => locks.releaseAll(owner),
	};
}

function createLayer<Row>(
	committed: Map<string, Row>,
	{ name, locks, owner }: { readonly name: string; readonly locks: Locks; readonly owner: Owner },
): Layer<Row> {
	const written = new Map<string, Row | null>();
	const get = (key: string): Row | undefined => {
		const own = written.get(key);
		return own === undefined ? committed.get(key) : (own ?? undefined);
	};
	const lock = (key: string): Promise<void> => locks.acquire(owner, `${name}:${key}`);
	return {
		written,
		get,
		all: () => {
			if (written.size === 0) return [...committed.values()];
			const rows = new Map<string, Row>(committed);
			for (const [key, row] of written) {
				if (row === null) rows.delete(key);
				else rows.set(key, row);
			}
			return [...rows.values()];
		},
		lock,
		tryLock: (key) => locks.tryAcquire(owner, `${name}:${key}`),
		insert: async (key, row) => {
			await lock(key);
			if (get(key) !== undefined) throw new DatabaseError('23505', `${name} has a row of this key`);
			written.set(key, row);
		},
		put: async (key, row) => {
			await lock(key);
			written.set(key, row);
		},
		remove: async (key) => {
			await lock(key);
			written.set(key, null);
		},
	};
}

function remember<Row>(written: Map<string, Row>): () => void {
	const copy = new Map(written);
	return () => {
		written.clear();
		for (const [key, row] of copy) written.set(key, row);
	};
}

function flush<Name extends TableName>(
	table: Name,
	tables: Tables,
	layers: { readonly [Each in TableName]: Layer<Rows[Each]> },
): Change<Name>[] {
	const committed: Map<string, Rows[Name]> = tables[table];
	const changes: Change<Name>[] = [];
	for (const [key, after] of layers[table].written) {
		const before = committed.get(key) ?? null;
		if (after === null) committed.delete(key);
		else committed.set(key, after);
		changes.push({ table, key, before, after });
	}
	return changes;
}
