import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { PushRequestSchema } from '#shared/wire/push.ts';
import type { EventResult, PushRequest, PushResponse } from '#shared/wire/push.ts';
import type { HqContext } from '../context.ts';
import type { Sender } from '../ledger/batch/incoming.ts';
import { findMemberById } from '../ledger/find-member.ts';
import { readOutcomes } from '../ledger/outcomes.ts';
import { push } from '../ledger/push.ts';
import { callerOf, requireSelf } from './authenticate.ts';
import { customerOf } from './customer-view.ts';
import { readBody, readQuery } from './read-request.ts';
import { Refusal, refusal, statusOfItem, unavailable } from './refusal.ts';

/** Pushes under way at once. More would only wait for the database, and their terminals would time out. */
const PUSHES_MAX = 32;
const BUSY_RETRY_AFTER_MS = 1000;

const OutcomesQuerySchema = z.object({
	after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
	terminal: TerminalIdSchema.optional(),
});

/** `POST /events`, `POST /events/bulk`, `GET /outcomes`. */
export function registerEventRoutes(app: FastifyInstance, context: HqContext): void {
	let underWay = 0;
	const pushGuarded = async (sender: Sender, request: PushRequest): Promise<PushResponse> => {
		if (underWay >= PUSHES_MAX) throw unavailable('too many requests at once', BUSY_RETRY_AFTER_MS);
		underWay += 1;
		try {
			const pushed = await push(context, { sender, request });
			if (pushed.ok) return pushed.value;
			if (pushed.error === 'other_epoch') throw refusal(410, 'resyncNeeded', 'say hello: headquarters was restored');
			throw unavailable('the members of this request are in use', BUSY_RETRY_AFTER_MS);
		} finally {
			underWay -= 1;
		}
	};

	app.post('/events/bulk', { config: { isForSealing: true } }, async (request) => {
		const body = readBody(request, PushRequestSchema);
		return pushGuarded(await senderOf(request, body, context), body);
	});

	app.post('/events', async (request) => {
		const event = readBody(request, z.looseObject({}));
		const sender = await senderOf(request, {}, context);
		const response = await pushGuarded(sender, { events: [event] });
		return customerWithEvents(must(response.results[0], 'an answer to the event'), context);
	});

	app.get('/outcomes', { config: { isForSealing: true } }, async (request) => {
		const query = readQuery(request, OutcomesQuerySchema);
		const caller = callerOf(request);
		const terminal = query.terminal ?? (caller.kind === 'terminal' ? caller.terminal : undefined);
		if (terminal === undefined) throw refusal(400, 'propertyInvalid', 'terminal: whose outcomes');
		requireSelf(request, terminal);
		return readOutcomes(context, { terminal, after: query.after });
	});
}

/** Whose order and outcome feed the events join. An operator may push for a terminal, or for none. */
async function senderOf(
	request: FastifyRequest,
	body: Pick<PushRequest, 'terminal' | 'incarnation'>,
	{ database }: HqContext,
): Promise<Sender> {
	const caller = callerOf(request);
	if (body.terminal !== undefined) requireSelf(request, body.terminal);
	if (caller.kind === 'terminal') {
		return {
			terminal: caller.terminal,
			incarnation: body.incarnation ?? null,
			...(caller.sealing === null ? {} : { notAfterMs: caller.sealing.revokedAtMs }),
		};
	}
	if (body.terminal === undefined) return { terminal: null, incarnation: null };
	const rows = await database.query('SELECT id FROM terminal WHERE id = $1', [body.terminal]);
	if (rows.length === 0) throw refusal(404, 'notFound', 'terminal: unknown');
	return { terminal: body.terminal, incarnation: body.incarnation ?? null };
}

/** Antavo's answer to one event: the customer as it is now, and what changed the balance. */
async function customerWithEvents(result: EventResult, context: HqContext): Promise<object> {
	if (result.error !== undefined) {
		const status = statusOfItem(result.error);
		throw new Refusal(status, result.error, status === 503 ? { retry_after_ms: BUSY_RETRY_AFTER_MS } : {});
	}
	const member = await findMemberById(context, must(result.applied_to, 'the member of an applied event'));
	return { ...customerOf(must(member, 'the member of an applied event'), context.programme()), events: result.events ?? [] };
}
