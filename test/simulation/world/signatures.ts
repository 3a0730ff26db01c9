import { readSignature, verifyRequest } from '#sync/signing/escher.ts';
import type { SigningKey } from '#sync/signing/escher.ts';
import { wireError } from '#sync/hq/wire-error.ts';
import type { MachineClock } from './life.ts';
import { ADDRESS } from './network.ts';
import type { Server, ServerAnswer, ServerRequest } from './network.ts';

const { host } = new URL(ADDRESS);

export function keyOf(terminal: string): SigningKey {
	return { apiKey: terminal, apiSecret: `the secret of ${terminal}` };
}

/** The server behind headquarters' own check of signatures, by headquarters' clock. `/health` needs none. */
export function demandSignatures(server: Server, clock: MachineClock): Server {
	return {
		...server,
		handle: (request) => (isAccepted(request, clock.clock('').nowMs()) ? server.handle(request) : Promise.resolve(refusal())),
	};
}

function isAccepted({ terminal, method, path, headers, body }: ServerRequest, nowMs: number): boolean {
	if (path === 'health') return true;
	const claim = readSignature(headers['authorization']);
	if (!claim.ok || claim.value.apiKey !== terminal) return false;
	const received = { method, path: `/${path}`, headers: { ...headers, host }, body: body ?? '' };
	return verifyRequest(received, claim.value, { apiSecret: keyOf(terminal).apiSecret, nowMs }).ok;
}

function refusal(): ServerAnswer {
	const body = Buffer.from(JSON.stringify({ error: wireError('signatureWrong', 'the signature is not right') }));
	return { status: 401, headers: { 'content-type': 'application/json' }, body };
}
