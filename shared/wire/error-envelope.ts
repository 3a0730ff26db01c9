import { z } from 'zod';
import { SHARD_COUNT } from './limits.ts';

/**
 * Every refusal, of a whole request or of one item, has this shape (Antavo's error envelope).
 * `code` is a number of `WIRE_CODES`; `message` is for engineers, never for cashiers.
 */
export const WireErrorSchema = z.object({ type: z.string().max(64), code: z.int(), message: z.string().max(500) });
export type WireError = z.infer<typeof WireErrorSchema>;

/** Body of a refused request. `retry_after_ms` comes with 429 and 503. */
export const ErrorEnvelopeSchema = z.object({
	error: WireErrorSchema,
	retry_after_ms: z.int().min(0).optional(),
	progress: z.object({ done: z.int(), total: z.int() }).optional(),
	/** With `resyncNeeded`: only these shards must be loaded again. Absent: everything. */
	shards: z.array(z.int().min(0)).max(SHARD_COUNT).optional(),
});
export type ErrorEnvelope = z.infer<typeof ErrorEnvelopeSchema>;

/**
 * Error codes on the wire. Codes that Antavo publishes keep its numbers and meanings
 * (https://apidocs.antavo.com/api/errors.html); 9xxxxx are ours.
 */
export const WIRE_CODES = {
	/** A named property is missing or empty; not found. */
	propertyInvalid: 0,
	transactionIdUsed: 5003,
	authorizationMalformed: 101021,
	notTransactionOwner: 103902,
	alreadyOptedIn: 112101,
	/** Only an accepted transaction can be refunded. */
	refundNotAccepted: 112201,
	refundNotPositive: 112202,
	refundAboveTransaction: 112203,
	refundAboveCustomer: 112204,
	searchEmpty: 160211,
	customerNotFound: 160212,
	customerNotActive: 160216,
	rateLimited: 429,
	signatureWrong: 900101,
	terminalRevoked: 900102,
	pairingCodeWrong: 900103,
	bodyTooLarge: 900201,
	bodyMalformed: 900202,
	itemMalformed: 900203,
	notFound: 900204,
	optedOut: 900301,
	/** The same event id with other content. */
	contentMismatch: 900302,
	/** The place of this event in its terminal's order is taken by another event. */
	sequenceForked: 900303,
	/** The member is not known here yet: send again later. */
	dependencyMissing: 900304,
	identityConflict: 900305,
	resyncNeeded: 900401,
	snapshotPreparing: 900402,
	terminalTooOld: 900403,
	internal: 900500,
} as const;
export type WireCode = (typeof WIRE_CODES)[keyof typeof WIRE_CODES];
