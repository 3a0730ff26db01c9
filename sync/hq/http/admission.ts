import type { FastifyInstance } from 'fastify';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { wireError } from '../wire-error.ts';
import { Refusal } from './refusal.ts';

/** What a request is for: sales before what follows them, and both before what may take all night. */
export type Lane = 'push' | 'tail' | 'snapshot';

/** `perSecond` requests in the long run, `burst` at once. */
export type Bucket = { readonly perSecond: number; readonly burst: number };
export type AdmissionLimits = Readonly<Record<Lane, Bucket>>;

/**
 * Far above what a chain needs by day (30,000 terminals pull every minute: 500 a second), below what would take the machine's breath away
 * when all of them come back at once. Each lane has its own, so that a rush for snapshots costs no sale anything.
 */
export const DEFAULT_LIMITS: AdmissionLimits = {
	push: { perSecond: 1_000, burst: 2_000 },
	tail: { perSecond: 1_000, burst: 2_000 },
	snapshot: { perSecond: 200, burst: 400 },
};

/** The longest that somebody is sent away for. Milliseconds. */
const RETRY_MS_MAX = 60_000;
const RETRY_MS_MIN = 1_000;

const LANES: ReadonlyMap<string, Lane> = new Map([
	['/events', 'push'],
	['/events/bulk', 'push'],
	['/feed', 'tail'],
	['/outcomes', 'tail'],
	['/terminals/me/events', 'tail'],
	['/snapshot/manifest', 'snapshot'],
	['/snapshot/*', 'snapshot'],
]);

/** `take` lets a request of a lane in, or says for how long it has to stay away. Milliseconds. */
export type Admission = { readonly take: (lane: Lane) => number };

/** `refused`: who was sent away and comes back, as far as the bucket has not served as many since. */
type Level = { readonly tokens: number; readonly refused: number; readonly atMs: number };

/**
 * One token bucket for each lane, in memory. Who is sent away gets a time of its own, spread behind the moment at which the bucket will have
 * something again: told the same, they would all come back together.
 */
export function createAdmission(
	ports: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly random: Random },
	limits: AdmissionLimits = DEFAULT_LIMITS,
): Admission {
	const levels = new Map<Lane, Level>();
	return {
		take: (lane) => {
			const { perSecond, burst } = limits[lane];
			const nowMs = ports.clock.monotonicMs();
			const level = levels.get(lane) ?? { tokens: burst, refused: 0, atMs: nowMs };
			const gained = ((nowMs - level.atMs) / 1000) * perSecond;
			const tokens = Math.min(burst, level.tokens + gained);
			const refused = Math.max(0, level.refused - gained);
			if (tokens >= 1) {
				levels.set(lane, { tokens: tokens - 1, refused, atMs: nowMs });
				return 0;
			}
			levels.set(lane, { tokens, refused: refused + 1, atMs: nowMs });
			// Anywhere within the time that it takes to serve all of them.
			const spreadMs = ((refused + 1) / perSecond) * 1000;
			return Math.ceil(Math.min(RETRY_MS_MAX, RETRY_MS_MIN + spreadMs * ports.random.fraction()));
		},
	};
}

/** Asks the buckets before anything of a request is read. */
export function addAdmission(app: FastifyInstance, admission: Admission): void {
	app.addHook('onRequest', async (request) => {
		const lane = LANES.get(request.routeOptions.url ?? '');
		const waitMs = lane === undefined ? 0 : admission.take(lane);
		if (waitMs > 0) throw new Refusal(503, wireError('rateLimited', 'too many requests at once'), { retry_after_ms: waitMs });
	});
}
