import { z } from 'zod';
import { CashierSchema, ProgrammeSchema } from '#shared/domain/programme.ts';
import type { Cashier, Programme } from '#shared/domain/programme.ts';
import { must } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import type { Queryable } from './database.ts';

/** Card numbers below are for imported and synthetic members; terminals' own blocks start here. */
const FIRST_BLOCK_NUMBER = 5_000_000_000;

export type HqState = {
	readonly epoch: number;
	readonly secret: string;
	readonly programme: Programme;
	readonly cashiers: readonly Cashier[];
};

export type StateSource = { readonly clock: Pick<Clock, 'nowMs'>; readonly random: Random; readonly programme: Programme };

/** Headquarters' one row of state, made with a fresh secret and `source.programme` at the first start. */
export async function loadState(database: Queryable, source: StateSource): Promise<HqState> {
	await database.query(
		'INSERT INTO hq_state (secret, programme, next_card_number, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
		[Buffer.from(source.random.bytes(32)).toString('hex'), JSON.stringify(source.programme), FIRST_BLOCK_NUMBER, source.clock.nowMs()],
	);
	const [row] = await database.query<{ epoch: number; secret: string; programme: unknown; cashiers: unknown }>(
		'SELECT epoch, secret, programme, cashiers FROM hq_state',
	);
	const { epoch, secret, programme, cashiers } = must(row, 'the state of headquarters');
	return { epoch, secret, programme: ProgrammeSchema.parse(programme), cashiers: z.array(CashierSchema).parse(cashiers) };
}

/** After a restore from a backup: every terminal will load a new snapshot and offer all the events it keeps. Above `keptEpoch`, which terminals may have seen. */
export async function raiseEpoch(database: Queryable, keptEpoch: number): Promise<void> {
	await database.query('UPDATE hq_state SET epoch = greatest(epoch, $1) + 1', [keptEpoch]);
}

/**
 * Replaces programme and roster. When something is different the version goes up, for that is how terminals learn of it; the same
 * content keeps its version, so that a start with the same file changes nothing.
 */
export async function saveProgramme(
	database: Queryable,
	state: HqState,
	next: { readonly programme: Programme; readonly cashiers: readonly Cashier[] },
): Promise<HqState> {
	if (contentOf(next) === contentOf(state)) return state;
	const programme = { ...next.programme, version: Math.max(state.programme.version + 1, next.programme.version) };
	await database.query('UPDATE hq_state SET programme = $1, cashiers = $2', [JSON.stringify(programme), JSON.stringify(next.cashiers)]);
	return { ...state, programme, cashiers: next.cashiers };
}

/** Parsed, so that the keys stand in the schema's order: the database has an order of its own. */
function contentOf({ programme, cashiers }: Pick<HqState, 'programme' | 'cashiers'>): string {
	return JSON.stringify([ProgrammeSchema.parse({ ...programme, version: 1 }), z.array(CashierSchema).parse(cashiers)]);
}
