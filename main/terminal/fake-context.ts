import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tierFor } from '#shared/domain/earn.ts';
import { CursorSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import type { Cashier, Programme } from '#shared/domain/programme.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import type { Random } from '#shared/lib/clock.ts';
import type { Result } from '#shared/lib/result.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import { openOutbox } from '#sync/storage/outbox-database.ts';
import { openReplica } from '#sync/storage/replica-database.ts';
import { createFakeTime } from '../fake-time.ts';
import type { FakeTime } from '../fake-time.ts';
import type { TerminalContext, TerminalIdentity } from './context.ts';
import { createRequestGate } from './request-gate.ts';
import { createLocalCalendar } from './sale/local-day.ts';
import { TRAINING_PROGRAMME } from './training/training-programme.ts';

/** Sunday, 22 November 2026, noon in Budapest. */
export const NOON_MS = Date.parse('2026-11-22T11:00:00Z');

export const PROGRAMME: Programme = { ...TRAINING_PROGRAMME, qr: { keys: ['card', 'id'], hosts: ['card.regulars.example'] } };

/** A terminal over real databases in a folder of its own, in a time and with a chance that the test owns. */
export type FakeContext = {
	readonly context: TerminalContext;
	readonly time: FakeTime;
	/** What a test may change while the terminal runs. */
	readonly world: { programme: Programme | null; identity: TerminalIdentity | null; cashier: Cashier | null; cashiers: readonly Cashier[] };
	/** As a snapshot of headquarters would: replaces all members. */
	readonly load: (rows: readonly MemberRow[]) => Promise<void>;
	/** As a page of the change feed would. */
	readonly change: (rows: readonly MemberRow[]) => Promise<void>;
	/** Closes both databases and opens them again over the same folder, with a new gate: what a restart leaves. */
	readonly restart: () => Promise<void>;
	readonly close: () => Promise<void>;
};

/** Opens one with an empty replica (phase `empty`), or with `rows` loaded. */
export async function openFakeContext(rows?: readonly MemberRow[]): Promise<FakeContext> {
	const folder = await mkdtemp(join(tmpdir(), 'regulars-terminal-'));
	const time = createFakeTime(NOON_MS);
	const random = repeatableRandom();
	const world: FakeContext['world'] = {
		programme: PROGRAMME,
		identity: { outletCode: 'KOSS', terminalCode: 'T1', cardBlock: { prefix: '29', first: 2_000_000_000, last: 2_000_000_004 } },
		cashier: null,
		cashiers: [],
	};
	const open = async (): Promise<TerminalContext> => ({
		outbox: orThrow(await openOutbox({ folder, clock: time.clock, random })),
		replica: orThrow(await openReplica({ folder, clock: time.clock })),
		clock: time.clock,
		random,
		gate: createRequestGate(),
		calendar: createLocalCalendar('Europe/Budapest'),
		programme: () => world.programme,
		identity: () => world.identity,
		cashier: () => world.cashier,
		cashiers: () => world.cashiers,
	});
	let context = await open();
	let loads = 0;
	const closeDatabases = async (): Promise<void> => {
		await context.replica.close();
		await context.outbox.close();
	};
	const fake: FakeContext = {
		get context() {
			return context;
		},
		time,
		world,
		load: async (members) => {
			const path = 'snapshot/fake/0.json.gz';
			const file = { path, shard: 0, rows: members.length, bytes: 0, sha256: '0'.repeat(64) };
			const snapshot = `fake-${(loads += 1)}`;
			const manifest = {
				hq_epoch: 1,
				protocol: PROTOCOL_VERSION,
				snapshot,
				created_at: time.clock.nowMs(),
				cursor: cursorOf(0),
				rows: members.length,
				bytes: 0,
				files: [file],
			};
			const load = orThrow(await context.replica.beginLoad(manifest));
			orThrow(await load.addFile(path, linesOf(members)));
			orThrow(await load.finish());
		},
		change: async (members) => {
			loads += 1;
			orThrow(await context.replica.applyPage({ lines: linesOf(members), next: cursorOf(loads), hqEpoch: 1, asOfMs: time.clock.nowMs() }));
		},
		restart: async () => {
			await closeDatabases();
			context = await open();
		},
		close: async () => {
			await closeDatabases();
			await rm(folder, { recursive: true, force: true });
		},
	};
	if (rows !== undefined) await fake.load(rows);
	return fake;
}

/** What a test says of a member; the rest is of no interest. */
export type FakeMember = {
	readonly id: string;
	readonly ver?: number;
	readonly status?: MemberRow[2];
	readonly card?: string | null;
	readonly cardStatus?: MemberRow[4];
	readonly name?: readonly [string | null, string | null];
	readonly mobile?: string;
	readonly email?: string;
	readonly points?: number;
	readonly tierPoints?: number;
	readonly mergedInto?: string;
	readonly aliases?: readonly (readonly [string, 'card' | 'pass' | 'old_card', 'active' | 'blocked' | 'replaced'])[];
	readonly profile?: MemberRow[16];
};

const NOBODY = {
	ver: 1,
	status: 'active',
	card: null,
	cardStatus: 'active',
	name: [null, null],
	mobile: null,
	email: null,
	points: 0,
	mergedInto: null,
	aliases: [],
	profile: {},
} as const;

/** A row of the replica as headquarters writes it. */
export function memberRow(member: FakeMember): MemberRow {
	const {
		id,
		ver,
		status,
		card: barcode,
		cardStatus,
		name,
		mobile,
		email,
		points,
		mergedInto,
		aliases,
		profile,
	} = { ...NOBODY, ...member };
	const tierPoints = member.tierPoints ?? points;
	const state = barcode === null ? null : cardStatus;
	const tier = tierFor(tierPoints, PROGRAMME).id;
	const mergedVer = mergedInto === null ? null : ver;
	const [shard, seq] = [0, 0];
	const person = [name[0], name[1], mobile, email];
	return MemberRowSchema.parse(
		[
			[id, ver, status, barcode, state],
			person,
			[points, tier, tierPoints, NOON_MS, mergedInto, mergedVer],
			[aliases, profile, shard, seq],
		].flat(1),
	);
}

/** The card of the programme's series with this number. */
export function card(number: number): LoyaltyBarcode {
	return LoyaltyBarcodeSchema.parse(withCheckDigit(`29${String(number).padStart(10, '0')}`, 'mod10'));
}

export function memberId(id: string): MemberId {
	return MemberIdSchema.parse(id);
}

/** A request id that is the same in every run. */
export function requestId(number: number): string {
	return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** The value of a success; a failure fails the test with its code. */
export function orThrow<T>(result: Result<T, { readonly code: string }>): T {
	if (!result.ok) throw new Error(`failed with ${result.error.code}: ${JSON.stringify(result.error)}`);
	return result.value;
}

function linesOf(rows: readonly MemberRow[]): readonly Uint8Array[] {
	const lines: Uint8Array[] = [];
	for (let from = 0; from < rows.length; from += 100) lines.push(new TextEncoder().encode(JSON.stringify(rows.slice(from, from + 100))));
	return lines;
}

function cursorOf(place: number): ReturnType<typeof CursorSchema.parse> {
	return CursorSchema.parse(`place-${place}`);
}

function repeatableRandom(): Random {
	let state = 1;
	const next = (): number => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
	return { fraction: next, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) };
}
