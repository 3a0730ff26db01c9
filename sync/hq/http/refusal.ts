import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { ErrorEnvelope, WireError } from '#shared/wire/error-envelope.ts';
import { wireError } from '../wire-error.ts';
import type { WireCodeName } from '../wire-error.ts';

/** What a refused request is answered with besides its error. */
export type RefusalExtras = Omit<ErrorEnvelope, 'error'>;

/** Thrown by routes and hooks to end a request with an error envelope; the server's error handler writes it. Not for items of a bulk. */
export class Refusal extends Error {
	override readonly name = 'Refusal';
	readonly status: number;
	readonly envelope: ErrorEnvelope;

	constructor(status: number, error: WireError, extras: RefusalExtras = {}) {
		super(error.message);
		this.status = status;
		this.envelope = { error, ...extras };
	}
}

/** A refusal by the name of its code. */
export function refusal(status: number, name: WireCodeName, message: string): Refusal {
	return new Refusal(status, wireError(name, message));
}

/** Nothing was stored; come back after `retryAfterMs`. */
export function unavailable(message: string, retryAfterMs: number): Refusal {
	return new Refusal(503, wireError('internal', message), { retry_after_ms: retryAfterMs });
}

/** The HTTP status with which Antavo answers an event that was refused. */
export function statusOfItem(error: WireError): number {
	switch (error.code) {
		case WIRE_CODES.customerNotFound:
		case WIRE_CODES.dependencyMissing:
			return 404;
		case WIRE_CODES.contentMismatch:
		case WIRE_CODES.sequenceForked:
			return 409;
		case WIRE_CODES.internal:
			return 503;
		default:
			return 400;
	}
}
