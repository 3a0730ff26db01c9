/**
 * A headquarters that refuses enrolments, as one of another make or with rules of its own does: it stands between a terminal and the real
 * one, passes everything on as it is, and answers pushes with an `opt_in` among them itself. The real one never hears of these.
 */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { PushRequestSchema } from '#shared/wire/push.ts';
import type { PushResponse } from '#shared/wire/push.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';

const EventSchema = z.looseObject({ event_id: EventIdSchema, action: z.string() });

export type RefusingHeadquarters = { readonly url: string; readonly refused: () => number; readonly close: () => Promise<void> };

/** Starts it on a free port of this machine, in front of the headquarters at `behind`. */
export async function startRefusingHeadquarters(behind: string): Promise<RefusingHeadquarters> {
	let refused = 0;
	const server = createServer((incoming, answer) => {
		void buffer(incoming).then((body) => {
			const refusal = incoming.url === '/events/bulk' ? refusalOf(body) : null;
			if (refusal === null) return passOn(new URL(behind), incoming, { body, answer });
			refused += refusal.results.length;
			return answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	assert(address !== null && typeof address === 'object', 'a listening server has a port');
	return {
		url: `http://127.0.0.1:${address.port}`,
		refused: () => refused,
		close: async () => {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}

/** The answer to a push that has nothing but enrolments, or `null`. */
function refusalOf(body: Buffer): PushResponse | null {
	const push = PushRequestSchema.parse(JSON.parse(body.toString()));
	const events = push.events.map((event) => EventSchema.parse(event));
	if (!events.every(({ action }) => action === 'opt_in')) return null;
	const error = { type: 'property_invalid', code: WIRE_CODES.propertyInvalid, message: 'This card is not ours' };
	return {
		results: events.map(({ event_id }) => ({ event_id, status: 'rejected', error })),
		total: events.length,
		errors: events.length,
		hq_epoch: push.hq_epoch ?? 1,
		server_time: Date.now(),
	};
}

type Passing = { readonly body: Buffer; readonly answer: ServerResponse };

/** With its headers as they are: they are signed. */
function passOn(behind: URL, incoming: IncomingMessage, { body, answer }: Passing): void {
	const { method, url, headers } = incoming;
	const passed = request({ host: behind.hostname, port: behind.port, method, path: url, headers }, (reply) => {
		answer.writeHead(reply.statusCode ?? 502, reply.headers);
		reply.pipe(answer);
	});
	passed.on('error', () => answer.destroy());
	passed.end(body);
}
