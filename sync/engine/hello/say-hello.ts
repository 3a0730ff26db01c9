import { AssertionError } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { HelloRequest, HelloResponse } from '#shared/wire/hello.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import { WAITING_STATUSES } from '../../outbox/entry.ts';
import type { LineFailure } from '../../transport/classify-failure.ts';
import type { EngineContext } from '../engine-context.ts';
import { fetchOwnEvents } from '../own-events.ts';
import type { PushLane } from '../push-lane.ts';

/** A measured skew that differs less than this from the stored one is noise of the line. */
const SKEW_NOISE_MS = 500;
/** A signature is refused when the clocks differ by more than minutes; below this the clock is not the reason. */
const SKEW_SUSPECTED_MS = 60_000;

/** `isSealing`: headquarters only takes what this terminal still has. */
export type Greeted = { readonly isSealing: boolean };

type Greeting = { readonly request: HelloRequest; readonly response: HelloResponse; readonly skewMs: number };

/**
 * The first call of every contact, and everything that it may reveal: another clock, a restored headquarters (epoch), a restored terminal
 * (incarnation), a newer programme. When it has resolved with a success all of that is on disk. Each part may be repeated after a crash:
 * the next hello reveals the same until it is stored.
 */
export async function sayHello(ctx: EngineContext, push: Pick<PushLane, 'exclusively'>): Promise<Result<Greeted, LineFailure>> {
	let greeting = await greet(ctx);
	// A wrong clock spoils the signature. `/health` needs none and tells the time: with it the second try is signed rightly.
	if (!greeting.ok && greeting.error.kind === 'unauthorised' && (await correctSkew(ctx))) greeting = await greet(ctx);
	if (!greeting.ok) return greeting;
	const { request, response, skewMs } = greeting.value;
	const { outbox } = ctx;

	if (Math.abs(skewMs - outbox.state().skewMs) > SKEW_NOISE_MS) await outbox.saveState({ skewMs });
	const knownEpoch = outbox.state().hqEpoch;
	if (response.hq_epoch < knownEpoch) return fail(wentBack(ctx, response.hq_epoch));
	if (response.hq_epoch > knownEpoch) await push.exclusively(() => adoptEpoch(ctx, response.hq_epoch));
	if (response.known_max_seq > request.max_seq && response.sealing !== true) {
		const renewed = await push.exclusively(() => takeNewIncarnation(ctx, response.known_max_seq));
		if (!renewed.ok) return renewed;
	}
	await passOnProgramme(ctx, response);
	return ok({ isSealing: response.sealing === true });
}

async function greet(ctx: EngineContext): Promise<Result<Greeting, LineFailure>> {
	const { incarnation, maxSeq, hqEpoch } = ctx.outbox.state();
	const counts = await ctx.outbox.counts();
	const [sentAtMs, startedMs] = [ctx.clock.nowMs(), ctx.clock.monotonicMs()];
	const request: HelloRequest = {
		terminal: ctx.identity.terminal,
		incarnation,
		app_version: ctx.identity.appVersion,
		protocol: PROTOCOL_VERSION,
		hq_epoch: hqEpoch,
		max_seq: maxSeq,
		sent_at: sentAtMs,
		programme_version: ctx.programmeVersion(),
		waiting: WAITING_STATUSES.reduce((sum, status) => sum + counts[status], 0),
		...(ctx.deviceId === undefined ? {} : { device_id: ctx.deviceId }),
	};
	const answer = await ctx.client.hello(request, ctx.signal);
	if (!answer.ok) return answer;
	const roundTripMs = ctx.clock.monotonicMs() - startedMs;
	return ok({ request, response: answer.value, skewMs: skewOf(answer.value.server_time, sentAtMs, roundTripMs) });
}

/** headquarters' time − ours; wrong by at most half the round trip, which it assumes to be even. */
function skewOf(serverTimeMs: number, sentAtMs: number, roundTripMs: number): number {
	return Math.round(serverTimeMs - (sentAtMs + roundTripMs / 2));
}

/** Whether headquarters' time turned out to be another than assumed. */
async function correctSkew(ctx: EngineContext): Promise<boolean> {
	const [sentAtMs, startedMs] = [ctx.clock.nowMs(), ctx.clock.monotonicMs()];
	const health = await ctx.client.health(ctx.signal);
	if (!health.ok) return false;
	const skewMs = skewOf(health.value.server_time, sentAtMs, ctx.clock.monotonicMs() - startedMs);
	if (Math.abs(skewMs - ctx.outbox.state().skewMs) < SKEW_SUSPECTED_MS) return false;
	ctx.logger.warn({ skewMs }, 'the clock of this terminal is wrong');
	await ctx.outbox.saveState({ skewMs });
	return true;
}

/**
 * Headquarters was restored from a backup: versions went backwards, so the replica is worthless, and outcomes that it gave may be
 * forgotten, so all kept entries are offered again. The replica first: the epoch is stored with the offer, and a crash in between
 * leaves the old epoch and therefore the whole of it to be repeated.
 */
async function adoptEpoch(ctx: EngineContext, hqEpoch: number): Promise<void> {
	const replica = ctx.replica.state();
	if (replica.phase !== 'empty' && replica.hqEpoch !== hqEpoch) await ctx.replica.erase();
	const count = await ctx.outbox.reoffer(hqEpoch);
	ctx.logger.warn({ hqEpoch, count }, 'headquarters has a new epoch: the member data is loaded again and kept entries are offered again');
	ctx.board.refresh();
}

/** What was lost comes back first: until the new incarnation is on disk, every hello reveals the same. */
async function takeNewIncarnation(ctx: EngineContext, knownMaxSeq: number): Promise<Result<number, LineFailure>> {
	const fetched = await fetchOwnEvents(ctx);
	if (!fetched.ok) return fetched;
	const count = await ctx.outbox.renewIncarnation();
	ctx.logger.warn({ knownMaxSeq, count }, 'headquarters knows more of this terminal than its outbox does: it takes a new incarnation');
	return fetched;
}

/** A headquarters of an older epoch than one that this terminal has seen was restored without raising it: nothing is trusted to it. */
function wentBack(ctx: EngineContext, hqEpoch: number): LineFailure {
	const detail = `the epoch of headquarters went back from ${ctx.outbox.state().hqEpoch} to ${hqEpoch}`;
	ctx.logger.error({ hqEpoch }, detail);
	return { kind: 'fault', error: { code: 'LINE-102', origin: 'hq', verdict: 'retry_later', detail }, progress: null };
}

async function passOnProgramme(ctx: EngineContext, { programme, cashiers }: HelloResponse): Promise<void> {
	if (programme === undefined && cashiers === undefined) return;
	try {
		await ctx.onProgramme({ ...(programme === undefined ? {} : { programme }), ...(cashiers === undefined ? {} : { cashiers }) });
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		// Selling goes on with the programme of before; its version is unchanged, so the next hello brings the news again.
		ctx.logger.error({ err: cause }, 'the programme could not be stored');
	}
}
