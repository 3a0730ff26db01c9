/** What both sides have on disk when everything has stopped, as operations of the history. Read with SQL and the stores' own readers. */
import { join } from 'node:path';
import { z } from 'zod';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { createSystemClock, systemRandom } from '#main/devices/system-clock.ts';
import { LIST_MAX } from '#sync/outbox/outbox.ts';
import { openPglite } from '#sync/hq/storage/pglite.ts';
import { openOutbox } from '#sync/storage/outbox-database.ts';
import { openReplica } from '#sync/storage/replica-database.ts';
import type { Of, Operation } from './history.ts';

/** Numbers of PostgreSQL's bigint come as text or number, whichever the driver chooses. */
const Count = z.coerce.number().pipe(z.int());
const EventRow = z.object({
	event: z.string(),
	terminal: z.string(),
	incarnation: z.string(),
	seq: Count,
	member: z.string().nullable(),
	kind: z.string(),
	status: z.enum(['applied', 'rejected']),
	appliedTo: z.string().nullable(),
	appliedVer: Count.nullable(),
	points: Count,
});
const EntryRow = z.object({ event: z.string(), debit: z.string(), credit: z.string(), amount: Count });
const BalanceRow = z.object({ member: z.string(), opening: Count, points: Count });

/** The ledger in the data folder of a stopped headquarters. */
export async function readHeadquarters(folder: string): Promise<readonly Operation[]> {
	const database = await openPglite(join(folder, 'db'));
	try {
		const events = await database.query(
			`SELECT event_id::text AS event, terminal.code AS terminal, event.incarnation, seq, origin_member AS member, action AS kind, status,
				applied_to AS "appliedTo", applied_ver AS "appliedVer", points FROM event JOIN terminal ON terminal.id = event.terminal`,
		);
		const entries = await database.query(
			'SELECT event_id::text AS event, debit_account AS debit, credit_account AS credit, amount FROM ledger_entry',
		);
		const balances = await database.query('SELECT id AS member, opening_points AS opening, points FROM member');
		return [
			...events.map((row): Operation => ({ type: 'stored', ...EventRow.parse(row) })),
			...entries.map((row): Operation => ({ type: 'entry', ...EntryRow.parse(row) })),
			...balances.map((row): Operation => ({ type: 'balance', ...BalanceRow.parse(row) })),
		];
	} finally {
		await database.close();
	}
}

/** The outbox of a stopped terminal, and what its replica says of `members`. */
export async function readTerminal(terminal: string, folder: string, members: readonly string[]): Promise<readonly Operation[]> {
	const clock = createSystemClock();
	const outbox = await openOutbox({ folder, clock, random: systemRandom });
	const replica = await openReplica({ folder, clock });
	assert(outbox.ok && replica.ok, () => `the databases of ${terminal} open`);
	const kept: Of<'kept'>[] = [];
	let before: number | undefined;
	for (;;) {
		const page = await outbox.value.list({ limit: LIST_MAX, ...(before === undefined ? {} : { before }) });
		for (const { eventId, status, outcome } of page)
			kept.push({
				type: 'kept',
				terminal,
				event: eventId,
				status,
				appliedTo: outcome?.appliedTo ?? null,
				appliedVer: outcome?.appliedVer ?? null,
			});
		const last = page.at(-1);
		if (last === undefined) break;
		before = last.position;
	}
	const shown: Of<'shown'>[] = [];
	for (const member of members) {
		const row = await replica.value.findById(MemberIdSchema.parse(member));
		if (row !== null) shown.push({ type: 'shown', terminal, member, points: row.points });
	}
	await outbox.value.close();
	await replica.value.close();
	return [...kept, ...shown];
}
