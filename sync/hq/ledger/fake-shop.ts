import { EventIdSchema, IncarnationSchema, TerminalIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { EventResult, PushResponse } from '#shared/wire/push.ts';
import type { HqContext } from '../context.ts';
import { openFakeHeadquarters } from '../feed/fake-context.ts';
import type { FakeHeadquarters } from '../feed/fake-context.ts';
import { openPostgres } from '../storage/postgres.ts';
import { createSystemTimers } from '../system.ts';
import { MEMBER_COLUMN_LIST, fromMemberRecord } from './batch/member-rows.ts';
import type { MemberRecord } from './batch/member-rows.ts';
import type { MemberState } from './decide/member-state.ts';
import { push } from './push.ts';

type Item = Readonly<Record<string, unknown>>;

/** A shop with terminals that push to a real ledger, for tests. */
export type FakeShop = {
	readonly hq: FakeHeadquarters;
	readonly context: HqContext;
	/** An empty ledger with terminals `T1` and `T2`. */
	readonly reset: () => Promise<void>;
	/** An event with an id and the next place of `T1`'s order. */
	readonly event: (action: string, data?: Item, envelope?: Item) => Item;
	readonly push: (items: readonly Item[], options?: PushOptions) => Promise<PushResponse>;
	/** Pushes one item, gives its result. */
	readonly send: (item: Item, options?: PushOptions) => Promise<EventResult>;
	readonly member: (id: string) => Promise<MemberState | null>;
	readonly rows: <T>(sql: string, params?: readonly unknown[]) => Promise<T[]>;
};

export type PushOptions = { readonly terminal?: 'T1' | 'T2' | null; readonly incarnation?: string };

export const TERMINALS = { T1: '018f0000-0000-7000-8000-0000000000a1', T2: '018f0000-0000-7000-8000-0000000000a2' } as const;
export const INCARNATION = '0123456789abcdef';

/** Runs on an embedded database, or on an empty PostgreSQL server that `REGULARS_TEST_DATABASE_URL` names. */
export async function openFakeShop(): Promise<FakeShop> {
	const url = process.env['REGULARS_TEST_DATABASE_URL'];
	const hq = await openFakeHeadquarters(url === undefined ? undefined : openPostgres(url, () => undefined));
	// Retries against other transactions wait in real time: nobody advances a clock for them.
	const context = { ...hq.context, timers: createSystemTimers() };
	let seq = 0;
	const pushItems: FakeShop['push'] = async (items, options = {}) => {
		const name = options.terminal === undefined ? 'T1' : options.terminal;
		const sender =
			name === null
				? { terminal: null, incarnation: null }
				: { terminal: TERMINALS[name], incarnation: options.incarnation ?? INCARNATION };
		const envelope =
			name === null
				? {}
				: {
						terminal: TerminalIdSchema.parse(TERMINALS[name]),
						incarnation: IncarnationSchema.parse(sender.incarnation),
						sent_at: context.clock.nowMs(),
					};
		const pushed = await push(context, { sender, request: { ...envelope, events: [...items] } });
		if (!pushed.ok) throw new Error('headquarters was busy');
		return pushed.value;
	};
	return {
		hq,
		context,
		reset: async () => {
			seq = 0;
			await hq.reset();
			await context.database.exec('TRUNCATE event, sale, sale_refund, forgotten_card, pairing_code, terminal_device, terminal, outlet');
			await context.database.query("INSERT INTO outlet (id, code, name) VALUES ('S01', 'S01', 'Station Road')");
			for (const [code, id] of Object.entries(TERMINALS)) {
				await context.database.query("INSERT INTO terminal (id, outlet_id, code, name, created_at) VALUES ($1, 'S01', $2, $2, 0)", [
					id,
					code,
				]);
			}
		},
		event: (action, data = {}, envelope = {}) => {
			seq += 1;
			return {
				customer: 'M',
				action,
				event_id: EventIdSchema.parse(uuidV7(context.clock.nowMs(), context.random)),
				seq,
				occurred_at: context.clock.nowMs(),
				data,
				...envelope,
			};
		},
		push: pushItems,
		send: async (item, options) => must((await pushItems([item], options)).results[0], 'a result'),
		member: async (id) => {
			const [row] = await context.database.query<MemberRecord>(`SELECT ${MEMBER_COLUMN_LIST} FROM member WHERE id = $1`, [id]);
			return row === undefined ? null : fromMemberRecord(row);
		},
		rows: (sql, params) => context.database.query(sql, params),
	};
}

/** The data of a sale. */
export function saleData(transactionId: string, total = 41.9): Item {
	return { transaction_id: transactionId, total, currency: 'EUR' };
}
