import { assert } from '#shared/lib/assert.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { createSystemClock, systemRandom } from '#main/devices/system-clock.ts';
import { openOutbox } from '#sync/storage/outbox-database.ts';
import { openReplica } from '#sync/storage/replica-database.ts';
import type { Operator } from '../support/operator.ts';

/** What the files of one stopped terminal say. */
export type TerminalAccount = {
	readonly name: string;
	readonly recorded: number;
	readonly applied: number;
	readonly rejected: number;
	readonly waiting: number;
	readonly voided: number;
	/** Points by member, of every member whose balance this terminal knows. */
	readonly pointsOf: (memberId: MemberId) => Promise<number | null>;
	readonly close: () => Promise<void>;
};

/** Opens the databases of a stopped terminal: the proof reads what is on disk, not what a screen says. */
export async function readTerminal(name: string, folder: string): Promise<TerminalAccount> {
	const clock = createSystemClock();
	const outbox = await openOutbox({ folder, clock, random: systemRandom });
	const replica = await openReplica({ folder, clock });
	assert(outbox.ok && replica.ok, () => `the databases of ${name} open`);
	const counts = await outbox.value.counts();
	const recorded = Object.values(counts).reduce((sum, count) => sum + count, 0);
	return {
		name,
		recorded,
		applied: counts.applied,
		rejected: counts.rejected,
		waiting: counts.pending + counts.sending + counts.deferred + counts.unknown + counts.parked,
		voided: counts.voided,
		pointsOf: async (memberId) => (await replica.value.findById(memberId))?.points ?? null,
		close: async () => {
			await outbox.value.close();
			await replica.value.close();
		},
	};
}

export type Mismatch = { readonly what: string; readonly expected: number; readonly found: number };

/** recorded = applied + rejected + waiting (+ taken back), at every terminal; nothing is rejected and nothing waits at the end of the day. */
export function checkAccounts(accounts: readonly TerminalAccount[], recordedExpected: number): readonly Mismatch[] {
	const sums = accounts.map((account) => ({
		what: `${account.name}: recorded = applied + rejected + waiting + taken back`,
		expected: account.recorded,
		found: account.applied + account.rejected + account.waiting + account.voided,
	}));
	const total = (pick: (account: TerminalAccount) => number): number => accounts.reduce((sum, account) => sum + pick(account), 0);
	const all = [
		...sums,
		{ what: 'entries recorded in the day', expected: recordedExpected, found: total((account) => account.recorded) },
		{ what: 'entries still waiting', expected: 0, found: total((account) => account.waiting) },
		{ what: 'entries rejected', expected: 0, found: total((account) => account.rejected) },
	];
	return all.filter((line) => line.expected !== line.found);
}

/** Every member with one of `barcodes`: headquarters' balance against what each terminal has. */
export async function checkBalances(
	operator: Operator,
	accounts: readonly TerminalAccount[],
	barcodes: readonly string[],
): Promise<{ readonly members: number; readonly mismatches: readonly Mismatch[] }> {
	const mismatches: Mismatch[] = [];
	for (const barcode of barcodes) {
		const customer = await operator.findByBarcode(barcode);
		if (customer === null) {
			mismatches.push({ what: `headquarters knows ${barcode}`, expected: 1, found: 0 });
			continue;
		}
		for (const account of accounts) {
			const found = (await account.pointsOf(customer.id)) ?? Number.NaN;
			if (found !== customer.spendable)
				mismatches.push({ what: `${account.name}: points of ${barcode}`, expected: customer.spendable, found });
		}
	}
	return { members: barcodes.length, mismatches };
}
