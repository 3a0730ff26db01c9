/** Headquarters without one of its safeguards. */
import { readStored, storedAnswer } from '../memory-database/ledger-reads.ts';
import { book } from '../memory-database/ledger-writes.ts';
import { numbersAt, recordsAt, textOrNullAt, textsAt } from '../memory-database/statement.ts';
import type { Statement } from '../memory-database/statement.ts';
import type { EventRow } from '../memory-database/tables.ts';
import type { Server } from '../world/network.ts';
import { ALL_SAFEGUARDS } from './safeguards.ts';
import type { Safeguards } from './safeguards.ts';

const isLookUp = ({ has = '' }: Statement): boolean => has.includes('"isOwnSeq"');
const isInsert = ({ has = '' }: Statement): boolean => has.includes('INSERT INTO event (');

/** It does not look up whether it has an event already, and stores it once more. */
export const withoutDedupe: Safeguards = {
	...ALL_SAFEGUARDS,
	statement: (statement) => {
		if (isLookUp(statement)) return { ...statement, run: (tx, params) => storedAnswer({ ...readStored(tx, params), outcomes: [] }) };
		if (!isInsert(statement)) return statement;
		return {
			...statement,
			run: (tx, params) => {
				const renamed = recordsAt<EventRow>(params, 0).map((row) => {
					let id = row.event_id;
					for (let copy = 2; tx.event.get(id) !== undefined; copy += 1) id = `${row.event_id}#${copy}`;
					return { ...row, event_id: id };
				});
				return book(tx, [JSON.stringify(renamed), ...params.slice(1)], { isSeqUnique: false });
			},
		};
	},
};

/** It takes the terminal's counter for the identity of an event, and the id for nothing. */
export const withoutEventIds: Safeguards = {
	...ALL_SAFEGUARDS,
	statement: (statement) => {
		if (!isLookUp(statement)) return statement;
		return {
			...statement,
			run: (tx, params) => {
				const [ids, seqs] = [textsAt(params, 0), numbersAt(params, 3)];
				const terminal = textOrNullAt(params, 1);
				const outcomes = seqs.flatMap((seq, index) => {
					const row = tx.event.all().find((candidate) => candidate.terminal === terminal && candidate.seq === seq);
					return row === undefined ? [] : [{ row: { ...row, event_id: ids[index] ?? row.event_id, is_scrubbed: true }, isOwnSeq: true }];
				});
				return storedAnswer({ ...readStored(tx, params), outcomes });
			},
		};
	},
};

/** It takes two events for one place in a terminal's order. */
export const withoutForkDetection: Safeguards = {
	...ALL_SAFEGUARDS,
	statement: (statement) => {
		if (isInsert(statement)) return { ...statement, run: (tx, params) => book(tx, params, { isSeqUnique: false }) };
		if (!isLookUp(statement)) return statement;
		return {
			...statement,
			run: (tx, params) => {
				const { sales, outcomes } = readStored(tx, params);
				const ids = new Set([...textsAt(params, 0), ...sales.map((sale) => sale.event_id)]);
				const known = outcomes.filter(({ row }) => ids.has(row.event_id)).map(({ row }) => ({ row, isOwnSeq: false }));
				return storedAnswer({ sales, outcomes: known });
			},
		};
	},
};

/** It never opens an account for a member that it does not know. */
export const withoutStubs: Safeguards = {
	...ALL_SAFEGUARDS,
	server: (server) => rewritten(server, (event) => ({ ...event, force_stub: undefined })),
};

/** It takes events from a terminal that does not know yet that it was restored. */
export const withoutEpochOfPush: Safeguards = {
	...ALL_SAFEGUARDS,
	server: (server) => rewritten(server, (event) => event, { hq_epoch: undefined }),
};

/** It writes no segment of the feed anew when somebody opts out. */
export const withoutForgettingInSegments: Safeguards = {
	...ALL_SAFEGUARDS,
	statement: (statement) => (statement.begins.startsWith('SELECT m.id FROM unnest(') ? { ...statement, run: () => [] } : statement),
};

type Item = Readonly<Record<string, unknown>>;

/** Pushes reach the server changed. */
function rewritten(server: Server, change: (event: Item) => Item, more: Item = {}): Server {
	return {
		...server,
		handle: (request) => {
			if (request.path !== 'events/bulk') return server.handle(request);
			// Written by the client of this world: an object with a list of events.
			const body = JSON.parse(new TextDecoder().decode(request.body ?? new Uint8Array())) as Item & { readonly events: readonly Item[] };
			return server.handle({ ...request, body: Buffer.from(JSON.stringify({ ...body, ...more, events: body.events.map(change) })) });
		},
	};
}
