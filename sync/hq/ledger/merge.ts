import { EventIdSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import type { MergeRequest, MergeResponse } from '#shared/wire/merge.ts';
import type { Queryable } from '../storage/database.ts';
import { wireError } from '../wire-error.ts';
import { chainOf, loadWhole, lockMembers } from './batch/lock-members.ts';
import { ConcurrentChange } from './batch/read-world.ts';
import { emptyWorld, putMember, touchMember } from './batch/world.ts';
import type { World } from './batch/world.ts';
import { writeWorld } from './batch/write-world.ts';
import { accountOf, flow } from './decide/decision.ts';
import type { CardEntry } from './decide/decision.ts';
import { joinMembers } from './decide/join-members.ts';
import type { MemberState } from './decide/member-state.ts';
import { retryTransaction } from './retry.ts';
import type { RetryContext } from './retry.ts';
import type { HqContext } from '../context.ts';

export type MergeContext = RetryContext & Pick<HqContext, 'clock' | 'programme' | 'secret' | 'announceStaged'>;

/** Headquarters itself: no terminal's order, no outcome feed. */
const NOBODY = { terminal: null, incarnation: null } as const;

/**
 * Merges two members in one transaction, as a transfer between their accounts; both versions go up, ids that stood for the loser stand for
 * the winner. Refuses who is unknown, has left or is merged already, so that no circle can arise. `busy`: nothing was stored, come back.
 */
export async function mergeMembers(context: MergeContext, request: MergeRequest): Promise<Result<MergeResponse, WireError | 'busy'>> {
	const merged = await retryTransaction(context, 'a merge', (tx) => mergeIn(tx, context, request));
	if (merged === 'busy') return fail('busy');
	if (merged.ok) context.announceStaged();
	return merged;
}

async function mergeIn(tx: Queryable, context: MergeContext, request: MergeRequest): Promise<Result<MergeResponse, WireError>> {
	const nowMs = context.clock.nowMs();
	const world = emptyWorld(context.programme(), nowMs);
	const aliases = await readAliases(tx, request.loser);
	await lockMembers(tx, world, [request.loser, request.winner, ...aliases]);
	const done = await findMerge(tx, request);
	if (done !== null) return done;
	// Under the loser's lock nobody can become its alias any more.
	if ((await readAliases(tx, request.loser)).some((id) => !world.members.has(id)))
		throw new ConcurrentChange('a member became an alias meanwhile');
	const both = chooseBoth(world, request);
	if (!both.ok) return both;
	await loadWhole(
		tx,
		world,
		[request.loser, request.winner, ...aliases].flatMap((id) => chainOf(world, id)),
	);
	const [loser, winner] = [must(world.members.get(request.loser), 'the loser'), must(world.members.get(request.winner), 'the winner')];
	const loserCards = await readCardsOf(tx, world, loser.id);
	const joined = joinMembers(winner, loser, { loserCards, programme: context.programme(), nowMs });
	if (joined === null) return fail(wireError('propertyInvalid', 'the winner cannot hold the cards and attributes of both'));
	// The winner first: the others carry its new version.
	putMember(world, joined.winner);
	touchMember(world, winner.id);
	for (const member of [joined.loser, ...aliases.map((id) => redirected(world, id, winner.id))]) putMember(world, member);
	for (const entry of joined.cards) {
		world.cards.set(entry.card, entry);
		world.changedCards.set(entry.card, entry);
	}
	const winnerVer = must(world.members.get(winner.id), 'the winner').ver;
	noteMerge(world, request, { points: loser.points, winnerVer });
	const time = { receivedAtMs: nowMs, skewMs: null };
	await writeWorld(tx, world, { sender: NOBODY, time, secret: context.secret, lastResultNo: 0, bootMark: null });
	return ok({ merge_id: request.merge_id, winner: request.winner, winner_ver: winnerVer, points: loser.points });
}

function chooseBoth(world: World, { loser, winner }: MergeRequest): Result<true, WireError> {
	if (loser === winner) return fail(wireError('propertyInvalid', 'loser and winner are the same'));
	for (const [name, id] of Object.entries({ loser, winner })) {
		const member = world.members.get(id);
		if (member === undefined) return fail(wireError('customerNotFound', `${name}: unknown`));
		if (member.status === 'opted_out') return fail(wireError('optedOut', `${name}: has opted out`));
		if (member.status === 'merged') return fail(wireError('identityConflict', `${name}: was merged into another already`));
	}
	return ok(true);
}

/** Chains stay one step long. */
function redirected(world: World, id: string, winnerId: string): MemberState {
	return { ...must(world.members.get(id), 'an alias'), aliasOf: winnerId, mergedInto: winnerId, mergedVer: null };
}

async function readAliases(tx: Queryable, loser: string): Promise<string[]> {
	const rows = await tx.query<{ id: string }>('SELECT id FROM member WHERE alias_of = $1', [loser]);
	return rows.map((row) => row.id);
}

async function readCardsOf(tx: Queryable, world: World, memberId: string): Promise<CardEntry[]> {
	const entries = await tx.query<CardEntry>('SELECT card, member_id AS "memberId", kind, status FROM card_index WHERE member_id = $1', [
		memberId,
	]);
	for (const entry of entries) world.knownCards.add(entry.card);
	return entries;
}

type Done = {
	readonly action: string;
	readonly payload: { readonly loser?: unknown } | null;
	readonly winner: string;
	readonly winnerVer: number;
	readonly moved: number;
};

/** What an earlier call with this id did, or why this one is another. Looked up under the members' locks, which the earlier one held. */
async function findMerge(
	tx: Queryable,
	{ merge_id: mergeId, loser, winner }: MergeRequest,
): Promise<Result<MergeResponse, WireError> | null> {
	const [row] = await tx.query<Done>(
		`SELECT action, payload, applied_to AS winner, applied_ver AS "winnerVer",
			coalesce((SELECT CASE WHEN debit_account = $2 THEN amount ELSE -amount END FROM ledger_entry WHERE ledger_entry.event_id = event.event_id), 0)::bigint AS moved
		FROM event WHERE event_id = $1`,
		[mergeId, accountOf(loser)],
	);
	if (row === undefined) return null;
	if (row.action !== 'merge' || row.payload?.loser !== loser || row.winner !== winner) {
		return fail(wireError('contentMismatch', 'merge_id: was used for something else'));
	}
	const response = {
		merge_id: EventIdSchema.parse(mergeId),
		winner: MemberIdSchema.parse(row.winner),
		winner_ver: row.winnerVer,
		points: row.moved,
	};
	return ok(response);
}

function noteMerge(
	world: World,
	{ merge_id: mergeId, loser, winner }: MergeRequest,
	{ points, winnerVer }: { readonly points: number; readonly winnerVer: number },
): void {
	world.fresh.push({
		eventId: mergeId.toLowerCase(),
		contentHash: '',
		isScrubbed: false,
		status: 'applied',
		error: null,
		action: 'merge',
		// Points that stay with the members: nothing flows from or to the programme.
		points: 0,
		appliedTo: winner,
		appliedVer: winnerVer,
		seq: null,
		originMember: loser,
		namedAs: null,
		payload: { loser, winner },
		occurredAtMs: null,
		effectiveAtMs: world.nowMs,
		isLate: false,
		entries: flow(accountOf(loser), accountOf(winner), points),
		isOurs: true,
		refund: null,
	});
}
