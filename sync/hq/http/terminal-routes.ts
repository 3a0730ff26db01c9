import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import { DeviceIdSchema, DeviceJudgementSchema } from '#shared/wire/devices.ts';
import { HelloRequestSchema } from '#shared/wire/hello.ts';
import { NewTerminalRequestSchema, PairRequestSchema } from '#shared/wire/pairing.ts';
import { PROTOCOL_VERSION_MIN } from '#shared/wire/protocol-version.ts';
import type { HqContext } from '../context.ts';
import { greet } from '../terminals/hello.ts';
import { readOwnEvents } from '../ledger/own-events.ts';
import { judgeDevice, listDevices } from '../terminals/devices.ts';
import { createTerminal, pairTerminal, revokeTerminal, sealTerminal } from '../terminals/terminals.ts';
import { wireError } from '../wire-error.ts';
import { createAttemptLimiter } from './attempt-limiter.ts';
import { callerOf, requireOperator, requireSelf } from './authenticate.ts';
import { readBody, readParams, readQuery } from './read-request.ts';
import { Refusal, refusal } from './refusal.ts';

/** Wrong pairing codes: with 32^8 codes that live ten minutes, a hundred guesses a minute find one in twenty thousand years. */
const GUESSES = { windowMs: 60_000, perKeyMax: 10, totalMax: 100 };
const EPOCH_RETRY_AFTER_MS = 60_000;

const ParamsSchema = z.object({ id: TerminalIdSchema });

const DeviceParamsSchema = ParamsSchema.extend({ device: DeviceIdSchema });
const OwnEventsQuerySchema = z.object({ after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0) });

/** An operator's routes about terminals and their devices, pairing, hello, and a terminal's own events. */
export function registerTerminalRoutes(app: FastifyInstance, context: HqContext): void {
	registerOperators(app, context);
	registerPairing(app, context);

	app.post('/terminals/hello', { config: { isForSealing: true } }, async (request) => {
		const body = readBody(request, HelloRequestSchema);
		requireSelf(request, body.terminal);
		const caller = callerOf(request);
		const greeted = await greet(context, body, { isSealing: caller.kind === 'terminal' && caller.sealing !== null });
		if (greeted.ok) return greeted.value;
		switch (greeted.error) {
			case 'too_old':
				throw refusal(426, 'terminalTooOld', 'this terminal must be updated');
			case 'sealed':
				throw refusal(403, 'terminalRevoked', 'this terminal was revoked');
			case 'epoch_ahead':
				throw new Refusal(503, wireError('internal', 'headquarters was restored and has not been told so'), {
					retry_after_ms: EPOCH_RETRY_AFTER_MS,
				});
		}
	});

	app.get('/terminals/me/events', async (request) => {
		const caller = callerOf(request);
		if (caller.kind !== 'terminal') throw refusal(400, 'propertyInvalid', 'for terminals only');
		return readOwnEvents(context, { terminal: caller.terminal, after: readQuery(request, OwnEventsQuerySchema).after });
	});
}

/** `POST /terminals`, `POST /terminals/{id}/revoke`, `POST /terminals/{id}/seal`, `GET /terminals/devices`, `POST /terminals/{id}/devices/{device}`. */
function registerOperators(app: FastifyInstance, context: HqContext): void {
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

	app.post('/terminals/:id/seal', async (request) => {
		requireOperator(request);
		const { id } = readParams(request, ParamsSchema);
		if (!(await sealTerminal(context, id))) throw refusal(404, 'notFound', 'no such terminal');
		return { terminal: id, revoked: true, sealing: true };
	});

	app.get('/terminals/devices', async (request) => {
		requireOperator(request);
		return listDevices(context);
	});

	app.post('/terminals/:id/devices/:device', async (request) => {
		requireOperator(request);
		const { id, device } = readParams(request, DeviceParamsSchema);
		const { verdict } = readBody(request, DeviceJudgementSchema);
		if (!(await judgeDevice(context, { terminal: id, deviceId: device, verdict }))) throw refusal(404, 'notFound', 'no such device');
		return { terminal: id, device_id: device, verdict };
	});
}

/** `POST /terminals/pair`. */
function registerPairing(app: FastifyInstance, context: HqContext): void {
	const guesses = createAttemptLimiter(context.clock, GUESSES);
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
}
