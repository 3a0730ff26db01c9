/**
 * The database in memory against the real one: headquarters' own modules work on both with the same random pushes, merges, rounds of the
 * publisher, pages and snapshots, and after every step both have answered the same and hold the same rows.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { MergeRequestSchema } from '#shared/wire/merge.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { openFakeHeadquarters } from '#sync/hq/feed/fake-context.ts';
import type { FakeHeadquarters } from '#sync/hq/feed/fake-context.ts';
import { readHeads } from '#sync/hq/feed/publish-round.ts';
import { MEMBER_COLUMN_LIST } from '#sync/hq/ledger/batch/member-rows.ts';
import { mergeMembers } from '#sync/hq/ledger/merge.ts';
import { push } from '#sync/hq/ledger/push.ts';
import { createMemoryStore } from './memory-database/memory-store.ts';
import type { MemoryStore } from './memory-database/memory-store.ts';
import { readStep } from './memory-database/fake-reads.ts';
import type { Draw, Side, Step } from './memory-database/fake-reads.ts';

const TERMINALS = ['018f0000-0000-7000-8000-0000000000a1', '018f0000-0000-7000-8000-0000000000a2'] as const;
const INCARNATIONS = ['0123456789abcdef', 'fedcba9876543210'] as const;
const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 30;
const MINUTE_MS = 60_000;

let hq: FakeHeadquarters;
beforeAll(async () => {
	hq = await openFakeHeadquarters();
});
afterAll(() => hq.close());

type Item = Readonly<Record<string, unknown>>;

function createDraw(random: Random): Draw {
	const below = (limit: number): number => Math.floor(random.fraction() * limit);
	return {
		below,
		oneOf: (values) => must(values[below(values.length)], 'one of them'),
		chance: (share) => random.fraction() < share,
		id: () => uuidV7(hq.context.clock.nowMs(), random),
	};
}

const MEMBERS = ['M', 'N', 'P', 'Q'];
const CARDS = ['2900000000018', '2900000000025', 'PASS-1'];
const PHONES = ['+36201111111', '+36202222222'];

function newItem(draw: Draw, seq: number): Item {
	const who = draw.chance(0.8) ? { customer: draw.oneOf(MEMBERS) } : { customer: draw.oneOf(CARDS), external_id: 'loyalty_barcode' };
	const times = draw.chance(0.5) ? { age_ms: draw.below(100 * MINUTE_MS), boot_id: draw.oneOf(['b1', 'b2']) } : {};
	const envelope = { ...who, ...times, event_id: draw.id(), seq, occurred_at: hq.context.clock.nowMs() - draw.below(2_000 * MINUTE_MS) };
	const forced = draw.chance(0.3) ? { force_stub: true } : {};
	const contact = { loyalty_barcode: draw.oneOf(CARDS), first_name: 'Ann', mobile_phone: draw.chance(0.3) ? null : draw.oneOf(PHONES) };
	const sale = { transaction_id: draw.oneOf(['S-1', 'S-2', 'S-3', 'S-4', 'S-5', 'S-6']) };
	const acts: readonly (() => Item)[] = [
		() => ({ action: 'opt_in', data: contact }),
		() => ({ action: 'opt_in', data: contact }),
		() => ({ action: 'profile', data: draw.chance(0.5) ? contact : { last_name: 'Other' } }),
		() => ({ action: 'checkout', data: { ...sale, total: draw.below(50_000) / 100, currency: 'EUR', receipt_number: 'R1' } }),
		() => ({ action: 'checkout', data: { transaction_id: `T-${draw.below(40)}`, total: draw.below(90_000) / 100, currency: 'EUR' } }),
		() => ({ action: 'refund', data: sale }),
		() => ({ action: 'partial_refund', data: { ...sale, amount: 1 + draw.below(9_000) / 100 } }),
		() => ({ action: 'point_add', data: { points: 1 + draw.below(500) } }),
		() => ({ action: 'point_sub', data: { points: 1 + draw.below(90) } }),
		() => ({ action: draw.chance(0.3) ? 'opt_out' : 'point_add', data: { points: 3 } }),
	];
	return { ...envelope, ...forced, ...draw.oneOf(acts)() };
}

function pushStep(draw: Draw, sent: Item[]): Step {
	const terminal = draw.oneOf(TERMINALS);
	const incarnation = draw.chance(0.8) ? INCARNATIONS[0] : INCARNATIONS[1];
	const items = Array.from({ length: 1 + draw.below(6) }, () => {
		if (sent.length > 0 && draw.chance(0.2)) return draw.oneOf(sent);
		const item = newItem(draw, 1 + draw.below(60));
		sent.push(item);
		return item;
	});
	const request = { terminal, incarnation, sent_at: hq.context.clock.nowMs() - draw.below(5_000), events: items };
	return ({ context }) => push(context, { sender: { terminal, incarnation }, request: request as Parameters<typeof push>[1]['request'] });
}

function mergeStep(draw: Draw, ids: string[]): Step {
	const known = ids.length > 0 && draw.chance(0.3);
	const mergeId = known ? draw.oneOf(ids) : draw.id();
	ids.push(mergeId);
	const request = MergeRequestSchema.parse({ merge_id: mergeId, loser: draw.oneOf(MEMBERS), winner: draw.oneOf(MEMBERS) });
	return ({ context }) => mergeMembers(context, request);
}

const TABLES: readonly (readonly [string, string, string])[] = [
	['member', `${MEMBER_COLUMN_LIST}, seq, opening_points`, 'id'],
	['card_index', 'card, member_id, kind, status', 'card'],
	['forgotten_card', 'card_hash, member_id, forgotten_at', 'card_hash'],
	[
		'event',
		'event_id, terminal, incarnation, seq, origin_member, named_as, action, payload, content_hash, is_scrubbed, status, error, points, applied_to, applied_ver, result_no, occurred_at, clock_skew_ms, effective_at, is_late, recorded_at',
		'event_id',
	],
	[
		'sale',
		'transaction_id, event_id, content_hash, member_id, terminal, currency, amount_minor, points, refunded_minor, points_taken_back, receipt_number, effective_at, eligible_minor, rule_id',
		'transaction_id',
	],
	['sale_refund', 'event_id, transaction_id, refund_minor', 'event_id'],
	['ledger_entry', 'event_id, debit_account, credit_account, amount', 'event_id'],
	['change_staging', 'shard, member_id', 'id'],
	['shard', 'shard, last_seq, horizon', 'shard'],
	[
		'terminal',
		'id, last_result_no, clock_skew_ms, last_seen_at, incarnation, app_version, protocol, boot_id, boot_seq, boot_effective_at',
		'id',
	],
];

async function dump(side: Side): Promise<Record<string, readonly object[]>> {
	const rows = await Promise.all(
		TABLES.map(async ([table, columns, key]) => [table, await side.rows(table, `${columns} ORDER BY ${key}`)] as const),
	);
	return Object.fromEntries(rows);
}

async function openReal(random: Random): Promise<Side> {
	const { database } = hq.context;
	await hq.reset();
	await database.exec('TRUNCATE event, sale, sale_refund, forgotten_card, terminal_device, pairing_code, terminal, outlet');
	await database.query("INSERT INTO outlet (id, code, name) VALUES ('S01', 'S01', 'Station Road')");
	for (const id of TERMINALS)
		await database.query("INSERT INTO terminal (id, outlet_id, code, name, created_at) VALUES ($1, 'S01', $2, $2, 0)", [id, id.slice(-2)]);
	return {
		context: { ...hq.context, random },
		rows: (table, selected) => {
			const [columns, order] = selected.split(' ORDER BY ');
			return database.query(
				`SELECT ${columns} FROM ${table} ORDER BY ${order}${order === 'shard' || order === 'id' ? '' : ' COLLATE "C"'}`.replace(
					/(event_id) COLLATE "C"/,
					'$1',
				),
			);
		},
	};
}

function openMemory(random: Random): { readonly side: Side; readonly store: MemoryStore } {
	const store = createMemoryStore();
	for (const id of TERMINALS) {
		const boot = { boot_id: null, boot_seq: null, boot_effective_at: null };
		store.tables().terminal.set(id, {
			id,
			last_result_no: 0,
			clock_skew_ms: null,
			last_seen_at: null,
			incarnation: null,
			app_version: null,
			protocol: null,
			...boot,
		});
	}
	const database = store.connect({ label: 'contract', reach: () => Promise.resolve() });
	const side: Side = {
		context: { ...hq.context, database, random },
		rows: (table, selected) => {
			const [columns = '', order = ''] = selected.split(' ORDER BY ');
			const names = columns.split(', ');
			const all = Object.entries(store.tables()).find(([name]) => name === table)?.[1] ?? new Map<string, object>();
			const rows = [...all.values()].map((row): Record<string, unknown> => ({ ...row }));
			const sorted = rows.toSorted((left, right) => compare(left[order], right[order]));
			return Promise.resolve(sorted.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null]))));
		},
	};
	return { side, store };
}

function compare(left: unknown, right: unknown): number {
	if (typeof left === 'number' && typeof right === 'number') return left - right;
	return String(left) < String(right) ? -1 : 1;
}

test.each(SEEDS)('the database in memory answers and keeps what the real one does (seed %i)', async (seed) => {
	const draw = createDraw(seededRandom(seed * 9_001));
	const real = await openReal(seededRandom(seed));
	const { side: memory } = openMemory(seededRandom(seed));
	const sent: Item[] = [];
	const merges: string[] = [];
	expect(await dump(memory)).toEqual(await dump(real));
	for (let step = 0; step < STEPS; step += 1) {
		const kind = draw.below(10);
		const others = kind < 7 ? mergeStep(draw, merges) : readStep(draw, { terminal: draw.oneOf(TERMINALS), incarnation: INCARNATIONS[0] });
		const carryOut = kind < 6 ? pushStep(draw, sent) : others;
		expect(await carryOut(memory), `step ${step}`).toEqual(await carryOut(real));
		expect(await dump(memory), `step ${step}`).toEqual(await dump(real));
		await hq.time.advance(draw.below(40) * MINUTE_MS);
	}
	expect((await dump(real))['event']?.length).toBeGreaterThan(10);
	expect(await readHeads(real.context.database)).toHaveProperty('seqs.length', SHARD_COUNT);
});
