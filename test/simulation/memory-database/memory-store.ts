/**
 * Headquarters' database in memory. Owns the committed rows of one headquarters; any number of processes work on it through connections of
 * their own. It knows the statements of headquarters and no others: a statement that it does not know stops the run.
 *
 * What it keeps of PostgreSQL: transactions in READ COMMITTED, row locks with deadlocks, unique keys, savepoints, advisory locks, a sequence
 * that leaves gaps. A process that dies loses its open transactions and nothing else.
 */
import { assert } from '#shared/lib/assert.ts';
import type { Database, Queryable } from '#sync/hq/storage/database.ts';
import { FEED_STATEMENTS } from './feed-statements.ts';
import { LEDGER_READS } from './ledger-reads.ts';
import { LEDGER_WRITES } from './ledger-writes.ts';
import { createLocks } from './locks.ts';
import type { Statement } from './statement.ts';
import { copyTables, emptyTables } from './tables.ts';
import type { Tables } from './tables.ts';
import { beginTransaction } from './transaction.ts';
import type { Change, Transaction } from './transaction.ts';

/** Where a connection can be held up, or never come back from. */
export type Moment = 'statement' | 'commit' | 'committed';

/** One process's way to the store. */
export type Connection = {
	readonly label: string;
	/** Before a statement, before a commit, after a commit and before its answer. A process that ends here never resolves it. */
	readonly reach: (moment: Moment) => Promise<void>;
};

export type MemoryStore = {
	readonly tables: () => Tables;
	readonly connect: (connection: Connection) => Database & { readonly drop: () => void };
	/** Called with what each commit changed, in the order of the commits. */
	readonly onCommit: (listener: (changes: readonly Change[]) => void) => void;
	readonly backup: () => Tables;
	/** Puts a backup in the place of everything. No process may be connected. */
	readonly restore: (backup: Tables) => void;
};

/** Changes the texts or the answers of statements: for a headquarters that lacks one of its safeguards. */
export type StatementFilter = (statement: Statement) => Statement;

const WITHOUT_EFFECT = /^(SET LOCAL|RELEASE SAVEPOINT)/;

export function createMemoryStore(filter: StatementFilter = (statement) => statement): MemoryStore {
	const statements = [...LEDGER_READS, ...LEDGER_WRITES, ...FEED_STATEMENTS].map(filter);
	const known = new Map<string, Statement>();
	const locks = createLocks();
	let tables = emptyTables();
	let numbers = 0;
	let listener: (changes: readonly Change[]) => void = () => undefined;

	const nextNumber = (): number => {
		numbers += 1;
		return numbers;
	};
	const parts: Parts = {
		begin: (label) => beginTransaction({ tables, locks, label, nextNumber }),
		find: (sql) => {
			const statement = known.get(sql) ?? statements.find((candidate) => isText(candidate, sql));
			assert(statement !== undefined, () => `the database in memory does not know: ${sql}`);
			known.set(sql, statement);
			return statement;
		},
		tell: (changes) => listener(changes),
	};
	return {
		tables: () => tables,
		onCommit: (next) => {
			listener = next;
		},
		backup: () => copyTables(tables),
		restore: (backup) => {
			tables = copyTables(backup);
		},
		connect: (connection) => connect(parts, connection),
	};
}

type Parts = {
	readonly begin: (label: string) => Transaction;
	readonly find: (sql: string) => Statement;
	readonly tell: (changes: readonly Change[]) => void;
};

function connect({ begin, find, tell }: Parts, { label, reach }: Connection): ReturnType<MemoryStore['connect']> {
	const open = new Set<Transaction>();
	const within = (tx: Transaction): Queryable => ({
		query: async <T>(sql: string, params: readonly unknown[] = []) => {
			await reach('statement');
			// The rows have the columns of the statement's list, as with every driver; the contract test compares them.
			return (await find(sql).run(tx, params)) as T[];
		},
		exec: async (sql) => {
			await reach('statement');
			if (sql.startsWith('SAVEPOINT')) tx.savepoint();
			else if (sql.startsWith('ROLLBACK TO')) tx.rollbackToSavepoint();
			else assert(WITHOUT_EFFECT.test(sql), () => `the database in memory does not know: ${sql}`);
		},
	});
	const transact = async <T>(run: (tx: Queryable) => Promise<T>): Promise<T> => {
		const tx = begin(label);
		open.add(tx);
		try {
			const result = await run(within(tx));
			await reach('commit');
			const changes = tx.commit();
			tx.end();
			if (changes.length > 0) tell(changes);
			await reach('committed');
			return result;
		} finally {
			tx.end();
			open.delete(tx);
		}
	};
	const atOnce: Queryable = {
		query: (sql, params) => transact((tx) => tx.query(sql, params)),
		exec: (sql) => transact((tx) => tx.exec(sql)),
	};
	return {
		...atOnce,
		kind: 'postgresql',
		tx: transact,
		urgent: atOnce,
		close: () => Promise.resolve(),
		drop: () => {
			for (const tx of open) tx.end();
			open.clear();
		},
	};
}

function isText({ begins, has = '' }: Statement, sql: string): boolean {
	const text = sql.replaceAll(/\s+/g, ' ').trim();
	return text.startsWith(begins) && text.includes(has);
}
