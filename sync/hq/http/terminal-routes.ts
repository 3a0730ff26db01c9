import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import { HelloRequestSchema } from '#shared/wire/hello.ts';
import { NewTerminalRequestSchema, PairRequestSchema } from '#shared/wire/pairing.ts';
import { PROTOCOL_VERSION_MIN } from '#shared/wire/protocol-version.ts';
import type { HqContext } from '../context.ts';
import { greet } from '../terminals/hello.ts';
import { createTerminal, pairTerminal, revokeTerminal } from '../terminals/terminals.ts';
import { wireError } from '../wire-error.ts';
import { createAttemptLimiter } from './attempt-limiter.ts';
import { requireOperator, requireSelf } from './authenticate.ts';
import { readBody, readParams } from './read-request.ts';
import { Refusal, refusal } from './refusal.ts';

/** Wrong pairing codes: with 32^8 codes that live ten minutes, a hundred guesses a minute find one in twenty thousand years. */
const GUESSES = { windowMs: 60_000, perKeyMax: 10, totalMax: 100 };
const EPOCH_RETRY_AFTER_MS = 60_000;

const ParamsSchema = z.object({ id: TerminalIdSchema });

/** `POST /terminals`, `POST /terminals/{id}/revoke`, `POST /terminals/pair`, `POST /terminals/hello`. */
export function registerTerminalRoutes(app: FastifyInstance, context: HqContext): void {
	const guesses = createAttemptLimiter(context.clock, GUESSES);

	app.post('/terminals', async (request) => {
		requireOperator(request);
		const created = await createTerminal(context, readBody(request, NewTerminalRequestSchema));
		if (!created.ok) throw refusal(409, 'propertyInvalid', 'outlet: id and code belong to different outlets');
		return created.value;
	});

	app.post('/terminals/:id/revoke', async (request) => {
		requireOperator(request);
		const { id } = readParams(request, ParamsSchema);
		if (!(await revokeTerminal(context, id))) throw refusal(404, 'notFound', 'no such terminal');
		return { terminal: id, revoked: true };
	});

	app.post('/terminals/pair', { config: { isPublic: true } }, async (request) => {
		const waitMs = guesses.waitMs(request.ip);
		if (waitMs > 0) throw new Refusal(429, wireError('rateLimited', 'too many wrong codes'), { retry_after_ms: waitMs });
		const body = readBody(request, PairRequestSchema);
		if (body.protocol < PROTOCOL_VERSION_MIN) throw refusal(426, 'terminalTooOld', 'this terminal must be updated');
		const paired = await pairTerminal(context, body);
		if (paired.ok) return paired.value;
		guesses.addFailure(request.ip);
		throw refusal(404, 'pairingCodeWrong', 'the code is unknown, used or too old');
	});

	app.post('/terminals/hello', async (request) => {
		const body = readBody(request, HelloRequestSchema);
		requireSelf(request, body.terminal);
		const greeted = await greet(context, body);
		if (greeted.ok) return greeted.value;
		if (greeted.error === 'too_old') throw refusal(426, 'terminalTooOld', 'this terminal must be updated');
		throw new Refusal(503, wireError('internal', 'headquarters was restored and has not been told so'), {
			retry_after_ms: EPOCH_RETRY_AFTER_MS,
		});
	});
}
