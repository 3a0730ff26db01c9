/**
 * Judges a history after the run, by itself: it knows the promises and the two sides' words, and nothing of the code that made them.
 * I3 no acknowledged event is lost · I2 none counts twice, and an answer never changes · I4 order per member · I1 balances are the sum of
 * what was applied · I5 terminals show what headquarters has · I11 what headquarters has answered, it has kept.
 */
import type { Of, Operation } from './history.ts';

export type Violation = { readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I11'; readonly what: string };

export type Verdict = {
	readonly recorded: number;
	readonly applied: number;
	readonly rejected: number;
	readonly waiting: number;
	readonly violations: readonly Violation[];
};

type History = { readonly [Type in Operation['type']]: readonly Of<Type>[] };

const SETTLED_ANSWERS = new Set(['applied', 'duplicate', 'rejected']);
const TAKEN_BACK = 'voided';
const SETTLED_ENTRIES = new Set(['applied', 'rejected', TAKEN_BACK]);

export function checkHistory(operations: readonly Operation[]): Verdict {
	const history = sort(operations);
	const stored = new Map(history.stored.map((row) => [row.event, row]));
	const kept = new Map(history.kept.map((entry) => [entry.event, entry]));
	const violations = [
		...findLost(history, stored, kept),
		...findInvented(history),
		...findTwice(history),
		...findChangedAnswers(history, stored),
		...findWrongOrder(history),
		...findWrongBalances(history),
		...findDisagreements(history, stored),
	];
	const count = (status: string): number => history.stored.filter((row) => row.status === status).length;
	return {
		recorded: history.recorded.length,
		applied: count('applied'),
		rejected: count('rejected'),
		waiting: history.kept.filter(({ status }) => !SETTLED_ENTRIES.has(status)).length,
		violations,
	};
}

function sort(operations: readonly Operation[]): History {
	const of = <Type extends Operation['type']>(type: Type): readonly Of<Type>[] =>
		operations.filter((operation): operation is Of<Type> => operation.type === type);
	return {
		invoked: of('invoked'),
		recorded: of('recorded'),
		answered: of('answered'),
		killed: of('killed'),
		stored: of('stored'),
		entry: of('entry'),
		balance: of('balance'),
		kept: of('kept'),
		shown: of('shown'),
	};
}

/** I3: what the cashier was told is done is at headquarters for good, or still waits in the outbox. */
function findLost({ recorded }: History, stored: ReadonlyMap<string, unknown>, kept: ReadonlyMap<string, Of<'kept'>>): Violation[] {
	return recorded
		.filter(({ event }) => {
			if (stored.has(event)) return false;
			const entry = kept.get(event);
			return entry === undefined || (SETTLED_ENTRIES.has(entry.status) && entry.status !== TAKEN_BACK);
		})
		.map(({ event, terminal }) => ({ invariant: 'I3', what: `${event} of ${terminal} was acknowledged and is nowhere` }));
}

/** I3, the other way: nothing is at headquarters that no terminal ever began to record. */
function findInvented({ invoked, recorded, stored }: History): Violation[] {
	const acknowledged = new Set(recorded.map(({ event }) => event));
	const violations: Violation[] = [];
	const unknown = groupBy(
		stored.filter((row) => !acknowledged.has(row.event)),
		(row) => row.terminal,
	);
	for (const [terminal, rows] of unknown) {
		const of = (operations: readonly { readonly terminal: string }[]): number =>
			operations.filter((operation) => operation.terminal === terminal).length;
		const begun = of(invoked) - of(recorded);
		if (rows.length > begun)
			violations.push({ invariant: 'I3', what: `${terminal}: ${rows.length} events that nobody was told of, ${begun} were begun` });
	}
	return violations;
}

/** I2: one row and one effect per event, and the effect is the one that the row says. */
function findTwice({ stored, entry }: History): Violation[] {
	const violations: Violation[] = [];
	for (const [event, rows] of groupBy(stored, (row) => row.event))
		if (rows.length > 1) violations.push({ invariant: 'I2', what: `${event} is stored ${rows.length} times` });
	const moved = new Map<string, number>();
	for (const line of entry) {
		const sign = line.credit.startsWith('member:') ? 1 : -1;
		moved.set(line.event, (moved.get(line.event) ?? 0) + sign * line.amount);
	}
	for (const { event, status, points } of stored) {
		const found = moved.get(event) ?? 0;
		const expected = status === 'applied' ? points : 0;
		if (found !== expected) violations.push({ invariant: 'I2', what: `${event} is worth ${expected} and moved ${found}` });
	}
	return violations;
}

/** I2 and I11: an answer, once given, never changes, and what was answered is what is stored. */
function findChangedAnswers({ answered }: History, stored: ReadonlyMap<string, Of<'stored'>>): Violation[] {
	const violations: Violation[] = [];
	for (const answer of answered) {
		if (!SETTLED_ANSWERS.has(answer.status)) continue;
		const row = stored.get(answer.event);
		if (row === undefined) {
			violations.push({ invariant: 'I11', what: `${answer.event} was answered ${answer.status} and is not stored` });
			continue;
		}
		const status = answer.status === 'duplicate' ? row.status : answer.status;
		if (status !== row.status || (row.status === 'applied' && answer.appliedVer !== row.appliedVer))
			violations.push({
				invariant: 'I2',
				what: `${answer.event} was answered ${answer.status} at version ${answer.appliedVer}, stored is ${row.status} at ${row.appliedVer}`,
			});
	}
	return violations;
}

/** I4: of one member and one incarnation of a terminal, what was recorded later is not applied at an earlier version. */
function findWrongOrder({ stored }: History): Violation[] {
	const violations: Violation[] = [];
	const lanes = groupBy(
		stored.filter((row) => row.status === 'applied'),
		(row) => `${row.terminal} ${row.incarnation} ${row.member}`,
	);
	for (const [lane, rows] of lanes) {
		const inOrder = rows.toSorted((a, b) => a.seq - b.seq);
		for (const [index, row] of inOrder.entries()) {
			const before = inOrder[index - 1];
			if (before === undefined) continue;
			if (before.seq === row.seq) violations.push({ invariant: 'I4', what: `${lane}: place ${row.seq} is taken twice` });
			if ((before.appliedVer ?? 0) > (row.appliedVer ?? 0))
				violations.push({ invariant: 'I4', what: `${lane}: ${row.event} was applied before ${before.event}, recorded after it` });
		}
	}
	return violations;
}

/** I1: every balance is its opening and the lines of its account. */
function findWrongBalances({ entry, balance }: History): Violation[] {
	const moved = new Map<string, number>();
	for (const { debit, credit, amount } of entry) {
		moved.set(debit, (moved.get(debit) ?? 0) - amount);
		moved.set(credit, (moved.get(credit) ?? 0) + amount);
	}
	return balance
		.filter(({ member, opening, points }) => points !== opening + (moved.get(`member:${member}`) ?? 0))
		.map(({ member, points }) => ({ invariant: 'I1', what: `${member} has ${points} points, its account says otherwise` }));
}

/** I5: at rest, what a terminal keeps and shows is what headquarters has. */
function findDisagreements({ kept, shown, balance }: History, stored: ReadonlyMap<string, Of<'stored'>>): Violation[] {
	const pointsOf = new Map(balance.map(({ member, points }) => [member, points]));
	const wrongShown = shown
		.filter(({ member, points }) => pointsOf.get(member) !== points)
		.map(({ terminal, member, points }): Violation => {
			return { invariant: 'I5', what: `${terminal} shows ${points} for ${member}, headquarters has ${pointsOf.get(member)}` };
		});
	const wrongKept = kept
		.filter((entry) => {
			const row = stored.get(entry.event);
			if (entry.status !== 'applied' && entry.status !== 'rejected') return false;
			return row?.status !== entry.status || row.appliedVer !== entry.appliedVer;
		})
		.map(({ terminal, event, status }): Violation => {
			return {
				invariant: 'I5',
				what: `${terminal} keeps ${event} as ${status}, headquarters has ${stored.get(event)?.status ?? 'nothing'}`,
			};
		});
	return [...wrongShown, ...wrongKept];
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
	return Map.groupBy(items, keyOf);
}
