import type { FastifyInstance } from 'fastify';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import type { HealthResponse } from '#shared/wire/health.ts';
import type { HqContext } from '../context.ts';
import { checkLedger } from '../ledger/check-ledger.ts';
import { requireOperator } from './authenticate.ts';

/** The count of members costs a scan: it is taken again after this long. Milliseconds. */
const MEMBERS_FOR_MS = 10_000;
/** Above it the database's own estimate is good enough: a scan of a million rows would hold up an embedded database's other callers. */
const COUNTED_MAX = 200_000;

export type HealthFacts = { readonly version: string; readonly isSigned: boolean };

/** `GET /health` (public) and `GET /ledger/check`. */
export function registerOperatorRoutes(app: FastifyInstance, context: HqContext, facts: HealthFacts): void {
	const countMembers = createMemberCount(context);

	app.get('/health', { config: { isPublic: true } }, async (): Promise<HealthResponse> => {
		return {
			status: 'ok',
			version: facts.version,
			protocol: PROTOCOL_VERSION,
			hq_epoch: context.epoch,
			storage: context.database.kind,
			members: await countMembers(),
			server_time: context.clock.nowMs(),
			is_signed: facts.isSigned,
		};
	});

	app.get('/ledger/check', async (request) => {
		requireOperator(request);
		return checkLedger(context.database);
	});
}

function createMemberCount({ database, clock }: HqContext): () => Promise<number> {
	let counted: { readonly untilMs: number; readonly members: Promise<number> } | null = null;
	const count = async (): Promise<number> => {
		const [estimate] = await database.query<{ members: number }>(
			"SELECT reltuples::bigint AS members FROM pg_class WHERE oid = 'member'::regclass",
		);
		if (estimate !== undefined && estimate.members > COUNTED_MAX) return estimate.members;
		const [row] = await database.query<{ members: number }>(
			"SELECT count(*)::bigint AS members FROM member WHERE status NOT IN ('merged', 'opted_out')",
		);
		return row?.members ?? 0;
	};
	return async () => {
		if (counted === null || clock.monotonicMs() > counted.untilMs)
			counted = { untilMs: clock.monotonicMs() + MEMBERS_FOR_MS, members: count() };
		try {
			return await counted.members;
		} catch (error) {
			counted = null;
			throw error;
		}
	};
}
