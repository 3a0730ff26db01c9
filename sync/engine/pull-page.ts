import type { Cursor, EventId, MemberId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { OutcomesResponse } from '#shared/wire/outcomes.ts';
import { KEPT_AT_LEAST_MS } from '../outbox/outbox.ts';
import type { PersonTrace } from '../outbox/outbox.ts';
import type { FeedPage } from '../transport/feed-page.ts';
import type { EngineContext, Trouble } from './engine-context.ts';
import { fetchFile } from './fetch-file.ts';
import type { Leftovers } from './fetch-file.ts';
import { findOptedOut } from './find-opted-out.ts';
import { fetchOwnEvents } from './own-events.ts';

/** Local enrolments looked at after each pull: those that the replica holds by now are forgotten. */
const ENROLMENTS_LOOKED_AT = 100;
/** Pages of outcomes in one go: at most a thousand each. */
const OUTCOME_PAGES_MAX = 10_000;

export type Pulled = { readonly rows: number; readonly hasMore: boolean; readonly retryAfterMs: number };

/**
 * One page of the change feed, or the segment that stands for many. The order is what makes the balance on screen right at every moment
 * (sync.md 1.8): the page is *fetched* first, own outcomes are fetched second and *stored*, and only then the page is stored. An event
 * whose effect is in the page therefore has its outcome at hand, even when the answer to its push was lost. `signal` ends a long poll.
 */
export async function pullPage(
	ctx: EngineContext,
	query: { readonly waitMs: number; readonly signal: AbortSignal; readonly leftovers: Leftovers },
): Promise<Result<Pulled, Trouble>> {
	const cursor = must(ctx.replica.state().cursor, 'the cursor of a loaded replica');
	const page = await ctx.client.feed(query.waitMs === 0 ? { cursor } : { cursor, waitMs: query.waitMs }, query.signal);
	if (!page.ok) return fail({ from: 'line', failure: page.error });
	const { header } = page.value;
	if (header.hq_epoch !== ctx.outbox.state().hqEpoch) return fail({ from: 'epoch', hqEpoch: header.hq_epoch });
	const piece = await fetchPiece(ctx, page.value, query.leftovers);
	if (!piece.ok) return piece;
	const { lines, next, rows } = piece.value;

	// An empty page holds nobody's effect; with nothing waiting there is no outcome to learn of either.
	if (rows > 0 || ctx.board.backlog() > 0) {
		const outcomes = await pullOutcomes(ctx);
		if (!outcomes.ok) return outcomes;
	}

	await forgetOptedOut(ctx, lines);
	const before = ctx.replica.state();
	// Found damaged by a look-up meanwhile: the page has nothing to join.
	if (before.cursor !== cursor) return fail({ from: 'disk', error: terminalError('LINE-108', { verdict: 'retry_later' }) });
	const asOfMs = header.has_more ? before.asOfMs : header.server_time;
	const applied = await ctx.replica.applyPage({ lines, next, hqEpoch: header.hq_epoch, asOfMs });
	if (!applied.ok) return fail({ from: 'disk', error: applied.error });
	return ok({ rows: applied.value.rows, hasMore: header.has_more, retryAfterMs: header.retry_after_ms ?? 0 });
}

type Piece = { readonly lines: readonly Uint8Array[]; readonly next: Cursor; readonly rows: number };

/** The rows of a page, or of the segment that it names. A transfer that broke off goes on where it stopped, like a snapshot's. */
async function fetchPiece(ctx: EngineContext, { header, lines }: FeedPage, leftovers: Leftovers): Promise<Result<Piece, Trouble>> {
	const { segment } = header;
	if (segment === undefined) return ok({ lines, next: header.next, rows: header.rows });
	const fetched = await fetchFile(ctx, { file: segment, leftovers, signal: ctx.signal });
	if (!fetched.ok) return fail({ from: 'line', failure: fetched.error });
	leftovers.delete(segment.path);
	return ok({ lines: fetched.value, next: segment.next, rows: segment.rows });
}

/**
 * Fetches and stores all own outcomes that are not stored yet. A crash in between repeats some, which changes nothing. An outcome of an event that
 * the outbox has lost is not passed over: from that page on the events come with it, so that of what was lost nothing is missing in front of
 * something that came back, whatever shows later that the folder was restored or copied.
 */
export async function pullOutcomes(ctx: EngineContext): Promise<Result<true, Trouble>> {
	for (let pages = 0; pages < OUTCOME_PAGES_MAX; pages += 1) {
		const { outcomesAfter, hqEpoch } = ctx.outbox.state();
		const answer = await ctx.client.outcomes(outcomesAfter, ctx.signal);
		if (!answer.ok) return fail({ from: 'line', failure: answer.error });
		const { results, next, has_more: hasMore, hq_epoch: answeredEpoch } = answer.value;
		if (answeredEpoch !== hqEpoch) return fail({ from: 'epoch', hqEpoch: answeredEpoch });
		const unknown = results.length === 0 ? [] : await ctx.outbox.settle(results, ctx.clock.nowMs());
		if (isAnyLost(ctx, results, unknown)) {
			const fetched = await fetchOwnEvents(ctx);
			return fetched.ok ? ok(true) : fail({ from: 'line', failure: fetched.error });
		}
		if (next > outcomesAfter) await ctx.outbox.saveState({ outcomesAfter: next });
		if (!hasMore || next <= outcomesAfter) return ok(true);
	}
	return ok(true);
}

/** Whether headquarters applied one of these `unknown` ids so lately that the outbox cannot have retired it. Of what it refused nothing comes back. */
function isAnyLost(ctx: EngineContext, results: OutcomesResponse['results'], unknown: readonly EventId[]): boolean {
	if (unknown.length === 0) return false;
	const ids = new Set(unknown);
	const sinceMs = ctx.clock.nowMs() + ctx.outbox.state().skewMs - KEPT_AT_LEAST_MS;
	return results.some(
		({ event_id: eventId, status, recorded_at: recordedAtMs }) =>
			status === 'applied' && recordedAtMs !== undefined && recordedAtMs > sinceMs && ids.has(eventId),
	);
}

/**
 * Names and contacts of members who opted out leave the outbox before the rows that say so are stored: after a crash in between the
 * same rows come again.
 */
export async function forgetOptedOut(ctx: EngineContext, lines: readonly Uint8Array[]): Promise<void> {
	const memberIds = findOptedOut(lines);
	if (memberIds.length > 0) await ctx.outbox.scrubMembers(memberIds, await tracesOf(ctx, memberIds));
}

/** The cards and contacts of members by which what was refused may be found, and mostly nothing was: then there are none. */
async function tracesOf({ outbox, replica }: EngineContext, memberIds: readonly MemberId[]): Promise<readonly PersonTrace[]> {
	const { rejected, voided, closed } = await outbox.counts();
	if (rejected + voided + closed === 0) return [];
	const traces: PersonTrace[] = [];
	for (const id of memberIds) {
		const member = await replica.findById(id);
		if (member !== null) traces.push({ mobile: member.mobile, email: member.email, barcodes: member.barcodes.map(({ value }) => value) });
	}
	return traces;
}

/** Members who were enrolled here and have arrived in the replica need no local copy any more. */
export async function forgetArrivedEnrolments(ctx: EngineContext): Promise<void> {
	const arrived = [];
	for (const memberId of await ctx.outbox.enrolledMembers(ENROLMENTS_LOOKED_AT)) {
		if ((await ctx.replica.findById(memberId)) !== null) arrived.push(memberId);
	}
	if (arrived.length > 0) await ctx.outbox.forgetEnrolments(arrived);
}
