import { createHmac } from 'node:crypto';
import type { z } from 'zod';
import { CardBlockSchema, OutletSchema } from '#shared/domain/programme.ts';
import type { CardBlock } from '#shared/domain/programme.ts';
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { PAIRING_CODE_VALID_MS, PairingCodeSchema } from '#shared/wire/pairing.ts';
import type { NewTerminalRequestSchema, NewTerminalResponseSchema, PairRequest, PairResponse } from '#shared/wire/pairing.ts';
import type { HqContext } from '../context.ts';
import type { Queryable } from '../storage/database.ts';

export type NewTerminal = z.infer<typeof NewTerminalRequestSchema>;
type TerminalsContext = Pick<HqContext, 'database' | 'clock' | 'random' | 'secret' | 'epoch' | 'programme'>;

/** Card numbers that a terminal may hand out without asking. */
const CARD_BLOCK_SIZE = 100_000;
/** Letters and digits that are not mistaken for each other when read aloud or typed. Thirty-two, so that a byte's low bits choose fairly. */
const CODE_SIGNS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * Makes a terminal of an outlet, or finds the one that has this code, and gives it a fresh pairing code; older codes of it are void.
 * `conflict`: the outlet's id, or its code, already belongs to another outlet.
 */
export async function createTerminal(
	context: TerminalsContext,
	request: NewTerminal,
): Promise<Result<z.infer<typeof NewTerminalResponseSchema>, 'conflict'>> {
	const nowMs = context.clock.nowMs();
	const code = pairingCode(context);
	const validUntil = nowMs + PAIRING_CODE_VALID_MS;
	return context.database.tx(async (tx) => {
		const isSame = await ensureOutlet(tx, request.outlet);
		if (!isSame) return fail('conflict' as const);
		const terminal = await ensureTerminal(tx, context, { request, nowMs });
		await tx.query('DELETE FROM pairing_code WHERE terminal_id = $1', [terminal]);
		await tx.query('INSERT INTO pairing_code (code_hash, terminal_id, valid_until) VALUES ($1, $2, $3)', [
			hashCode(code, context.secret),
			terminal,
			validUntil,
		]);
		return ok({ terminal: TerminalIdSchema.parse(terminal), code, valid_until: validUntil });
	});
}

/**
 * Exchanges a pairing code for a key. A code works once and for ten minutes; a key that the terminal had before ends here. The device that used it
 * may ask again meanwhile (`attempt`) and has the same key, whatever became of the first answer.
 * The secret is stored as it is, because an HMAC cannot be checked against a hash.
 */
export async function pairTerminal(context: TerminalsContext, request: PairRequest): Promise<Result<PairResponse, 'wrong_code'>> {
	const nowMs = context.clock.nowMs();
	return context.database.tx(async (tx) => {
		const codeHash = hashCode(request.code, context.secret);
		// A used code is found by whoever used it alone.
		const usedHash = request.attempt === undefined ? codeHash : hashCode(request.code, `${context.secret}:${request.attempt}`);
		const [used] = await tx.query<{ terminal_id: string }>(
			`UPDATE pairing_code SET used_at = $2, code_hash = $3 WHERE code_hash = $1 AND used_at IS NULL AND valid_until > $2
			RETURNING terminal_id`,
			[codeHash, nowMs, usedHash],
		);
		if (used === undefined)
			return request.attempt === undefined ? fail('wrong_code' as const) : repeatPairing(tx, context, { usedHash, nowMs });
		const apiKey = `T-${base64(context.random.bytes(15))}`;
		const apiSecret = base64(context.random.bytes(32));
		const [row] = await tx.query<PairedRow>(
			`UPDATE terminal SET api_key = $2, api_secret = $3, paired_at = $4, last_seen_at = $4, app_version = $5, protocol = $6
			FROM outlet WHERE terminal.id = $1 AND outlet.id = terminal.outlet_id AND revoked_at IS NULL
			RETURNING ${PAIRED_COLUMNS}`,
			[used.terminal_id, apiKey, apiSecret, nowMs, request.app_version, request.protocol],
		);
		if (row === undefined) return fail('wrong_code' as const);
		return ok(toResponse(row, context));
	});
}

type Repeat = { readonly usedHash: string; readonly nowMs: number };

/** The answer of before to whoever used the code; nothing changes. A code that was made since has made it void. */
async function repeatPairing(
	tx: Queryable,
	context: TerminalsContext,
	{ usedHash, nowMs }: Repeat,
): Promise<Result<PairResponse, 'wrong_code'>> {
	const [row] = await tx.query<PairedRow>(
		`SELECT ${PAIRED_COLUMNS}
		FROM pairing_code JOIN terminal ON terminal.id = pairing_code.terminal_id JOIN outlet ON outlet.id = terminal.outlet_id
		WHERE code_hash = $1 AND used_at IS NOT NULL AND valid_until > $2 AND revoked_at IS NULL AND api_key IS NOT NULL`,
		[usedHash, nowMs],
	);
	return row === undefined ? fail('wrong_code' as const) : ok(toResponse(row, context));
}

const PAIRED_COLUMNS = `terminal.id, terminal.code, terminal.name, api_key, api_secret, card_prefix, card_first, card_last,
	outlet.id AS outlet_id, outlet.code AS outlet_code, outlet.name AS outlet_name`;

function toResponse(row: PairedRow, { epoch }: Pick<TerminalsContext, 'epoch'>): PairResponse {
	return {
		terminal: TerminalIdSchema.parse(row.id),
		terminal_code: row.code,
		terminal_name: row.name,
		outlet: OutletSchema.parse({ id: row.outlet_id, code: row.outlet_code, name: row.outlet_name }),
		api_key: row.api_key,
		api_secret: row.api_secret,
		card_block: cardBlockOf(row),
		hq_epoch: epoch,
	};
}

/**
 * Ends a terminal's right to speak, at once and for good. Its row stays, so that it is told so; its code may be given to another. What it has
 * not handed over stays on it, until `sealTerminal` lets it. False when there is none.
 */
export async function revokeTerminal({ database, clock }: TerminalsContext, terminal: string): Promise<boolean> {
	const rows = await database.query(
		'UPDATE terminal SET revoked_at = coalesce(revoked_at, $2), sealing_since = NULL, sealed_at = coalesce(sealed_at, $2) WHERE id = $1 RETURNING id',
		[terminal, clock.nowMs()],
	);
	return rows.length > 0;
}

/**
 * Revokes a terminal but takes what it recorded until then: it may say hello and push, nothing else, until it has nothing left. Also opens
 * one again that was revoked at once. False when there is none.
 */
export async function sealTerminal({ database, clock }: TerminalsContext, terminal: string): Promise<boolean> {
	const rows = await database.query(
		'UPDATE terminal SET revoked_at = coalesce(revoked_at, $2), sealing_since = $2, sealed_at = NULL WHERE id = $1 RETURNING id',
		[terminal, clock.nowMs()],
	);
	return rows.length > 0;
}

/** A sealed terminal has handed over everything. */
export async function endSealing({ database, clock }: Pick<TerminalsContext, 'database' | 'clock'>, terminal: string): Promise<void> {
	await database.query('UPDATE terminal SET sealing_since = NULL, sealed_at = coalesce(sealed_at, $2) WHERE id = $1', [
		terminal,
		clock.nowMs(),
	]);
}

type PairedRow = {
	readonly id: string;
	readonly api_key: string;
	readonly api_secret: string;
	readonly code: string;
	readonly name: string;
	readonly card_prefix: string | null;
	readonly card_first: number | null;
	readonly card_last: number | null;
	readonly outlet_id: string;
	readonly outlet_code: string;
	readonly outlet_name: string;
};

/** Adds the outlet or renames it. False when its id or code is another outlet's. */
async function ensureOutlet(tx: Queryable, outlet: NewTerminal['outlet']): Promise<boolean> {
	await tx.query('INSERT INTO outlet (id, code, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [outlet.id, outlet.code, outlet.name]);
	const rows = await tx.query('UPDATE outlet SET name = $3 WHERE id = $1 AND code = $2 RETURNING id', [
		outlet.id,
		outlet.code,
		outlet.name,
	]);
	return rows.length > 0;
}

type TerminalToMake = { readonly request: NewTerminal; readonly nowMs: number };

async function ensureTerminal(tx: Queryable, context: TerminalsContext, { request, nowMs }: TerminalToMake): Promise<string> {
	const [existing] = await tx.query<{ id: string }>(
		'UPDATE terminal SET name = $3 WHERE outlet_id = $1 AND code = $2 AND revoked_at IS NULL RETURNING id',
		[request.outlet.id, request.terminal_code, request.terminal_name],
	);
	if (existing !== undefined) return existing.id;
	const id = uuidV7(nowMs, context.random);
	const block = await takeCardBlock(tx, context);
	await tx.query(
		'INSERT INTO terminal (id, outlet_id, code, name, card_prefix, card_first, card_last, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
		[
			id,
			request.outlet.id,
			request.terminal_code,
			request.terminal_name,
			block?.prefix ?? null,
			block?.first ?? null,
			block?.last ?? null,
			nowMs,
		],
	);
	return id;
}

/** The next block of the programme's first series; `null` when it has none or all its numbers are given away. */
async function takeCardBlock(tx: Queryable, { programme }: Pick<TerminalsContext, 'programme'>): Promise<CardBlock | null> {
	const [series] = programme().cardSeries;
	if (series === undefined) return null;
	const digits = series.length - series.prefix.length - (series.check === 'none' ? 0 : 1);
	const [row] = await tx.query<{ last: number }>(
		'UPDATE hq_state SET next_card_number = next_card_number + $1 RETURNING next_card_number AS last',
		[CARD_BLOCK_SIZE],
	);
	const last = must(row, 'the state of headquarters').last - 1;
	return last < 10 ** digits ? { prefix: series.prefix, first: last - CARD_BLOCK_SIZE + 1, last } : null;
}

function cardBlockOf(row: PairedRow): CardBlock | null {
	if (row.card_prefix === null) return null;
	return CardBlockSchema.parse({ prefix: row.card_prefix, first: row.card_first, last: row.card_last });
}

function pairingCode({ random }: Pick<TerminalsContext, 'random'>): string {
	const signs = Array.from(random.bytes(8), (byte) => CODE_SIGNS[byte % CODE_SIGNS.length]).join('');
	return PairingCodeSchema.parse(`${signs.slice(0, 4)}-${signs.slice(4)}`);
}

function hashCode(code: string, secret: string): string {
	return createHmac('sha256', secret)
		.update(`pairing:${code.replace('-', '')}`)
		.digest('hex');
}

function base64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('base64url');
}
