import type { Queryable } from '../storage/database.ts';

/** All in points. `wrongMembers`: ids (at most 20) whose balance is not what their entries say. */
export type LedgerCheck = {
	readonly isBalanced: boolean;
	readonly members: number;
	readonly forfeited: number;
	readonly suspense: number;
	/** What imports brought in. */
	readonly opening: number;
	/** What applied events took from the programme, net. */
	readonly events: number;
	/** What entries took from the programme, net. */
	readonly entries: number;
	readonly wrongMembers: readonly string[];
};

const TOTALS = `
SELECT
	(SELECT coalesce(sum(points), 0) FROM member)::bigint AS members,
	(SELECT coalesce(sum(opening_points), 0) FROM member)::bigint AS opening,
	(SELECT coalesce(sum(points), 0) FROM event WHERE status = 'applied')::bigint AS events,
	(SELECT coalesce(sum(CASE WHEN debit_account = 'program' THEN amount ELSE 0 END) - sum(CASE WHEN credit_account = 'program' THEN amount ELSE 0 END), 0) FROM ledger_entry)::bigint AS entries,
	(SELECT coalesce(sum(CASE WHEN credit_account = 'forfeited' THEN amount ELSE 0 END) - sum(CASE WHEN debit_account = 'forfeited' THEN amount ELSE 0 END), 0) FROM ledger_entry)::bigint AS forfeited,
	(SELECT coalesce(sum(CASE WHEN credit_account = 'suspense' THEN amount ELSE 0 END) - sum(CASE WHEN debit_account = 'suspense' THEN amount ELSE 0 END), 0) FROM ledger_entry)::bigint AS suspense`;

// A member's balance is a cache of its entries; the counters behind it must give the same.
const WRONG = `
WITH moved AS (
	SELECT account, sum(amount)::bigint AS amount FROM (
		SELECT credit_account AS account, amount FROM ledger_entry
		UNION ALL
		SELECT debit_account, -amount FROM ledger_entry
	) AS line WHERE account LIKE 'member:%' GROUP BY account
)
SELECT id FROM member LEFT JOIN moved ON moved.account = 'member:' || member.id
WHERE member.points <> member.opening_points + coalesce(moved.amount, 0)
	OR member.points <> member.earned - member.spent - member.reserved - member.expired
ORDER BY id LIMIT 20`;

type Totals = Pick<LedgerCheck, 'members' | 'opening' | 'events' | 'entries' | 'forfeited' | 'suspense'>;

/**
 * Whether no point was made or lost: what members hold, with what was forfeited or is in suspense, is what imports and applied events
 * brought, and what the entries say; and every balance is the sum of its own entries. Reads everything: an operator's and a test's tool.
 */
export async function checkLedger(
	database: Queryable & { readonly tx: <T>(run: (tx: Queryable) => Promise<T>) => Promise<T> },
): Promise<LedgerCheck> {
	return database.tx(async (tx) => {
		// One snapshot for both statements: a push between them would look like a loss.
		await tx.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL statement_timeout = 0');
		const [totals] = await tx.query<Totals>(TOTALS);
		const wrong = await tx.query<{ id: string }>(WRONG);
		const { members, opening, events, entries, forfeited, suspense } = totals ?? {
			members: 0,
			opening: 0,
			events: 0,
			entries: 0,
			forfeited: 0,
			suspense: 0,
		};
		const held = members + forfeited + suspense;
		return {
			isBalanced: held === opening + events && held === opening + entries && wrong.length === 0,
			members,
			forfeited,
			suspense,
			opening,
			events,
			entries,
			wrongMembers: wrong.map((row) => row.id),
		};
	});
}
