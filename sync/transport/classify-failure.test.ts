import { describe, expect, test } from 'vitest';
import { LoyaltyErrorSchema } from '#shared/errors/loyalty-error.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import { classifyFailure } from './classify-failure.ts';
import type { Breakdown } from './classify-failure.ts';
import { RETRY_AFTER_MS_MAX } from './limits.ts';

function answer(status: number, code: number | null, more: Partial<ErrorEnvelope> & { readonly header?: number } = {}): Breakdown {
	const { header, ...rest } = more;
	const envelope = code === null ? null : { error: { type: 'refused', code, message: 'words' }, ...rest };
	return { at: 'answer', status, envelope, retryAfterMs: header ?? null };
}

const exchange = (cause: 'cut' | 'late' | 'aborted'): Breakdown => ({ at: 'exchange', cause, detail: '' });
const body = (problem: Extract<Breakdown, { at: 'body' }>['problem']): Breakdown => ({ at: 'body', problem, detail: '' });

/** Each row: what was seen, then kind, code, verdict of a read, verdict of a push. */
const TABLE: readonly (readonly [string, Breakdown, string, string, string, string])[] = [
	['no connection', { at: 'connect', detail: 'ECONNREFUSED' }, 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['cut', exchange('cut'), 'cut', 'LINE-101', 'retry_later', 'unknown'],
	['time limit', exchange('late'), 'late', 'LINE-102', 'retry_later', 'unknown'],
	['given up', exchange('aborted'), 'aborted', 'LINE-101', 'retry_later', 'unknown'],
	['200 with HTML', body('not_headquarters'), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['200 of another form', body('wrong_shape'), 'not_understood', 'LINE-107', 'retry_after_change', 'unknown'],
	['200 without end', body('too_large'), 'not_understood', 'LINE-107', 'retry_after_change', 'unknown'],
	['file with a wrong digest', body('damaged_file'), 'damaged_file', 'DISK-106', 'retry_later', 'unknown'],
	['302 of a log-in page', answer(302, null), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['an opaque redirect', answer(0, null), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['204', answer(204, WIRE_CODES.propertyInvalid), 'not_understood', 'LINE-107', 'retry_after_change', 'unknown'],
	['400', answer(400, WIRE_CODES.bodyMalformed), 'request_refused', 'LINE-107', 'retry_after_change', 'retry_after_change'],
	['400 of a proxy', answer(400, null), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['401', answer(401, WIRE_CODES.signatureWrong), 'unauthorised', 'LINE-104', 'retry_after_change', 'retry_after_change'],
	['401 without words', answer(401, null), 'unauthorised', 'LINE-104', 'retry_after_change', 'retry_after_change'],
	[
		'401 of a wrong pairing code',
		answer(401, WIRE_CODES.pairingCodeWrong),
		'pairing_code_wrong',
		'LINE-106',
		'retry_after_change',
		'retry_after_change',
	],
	['403 revoked', answer(403, WIRE_CODES.terminalRevoked), 'revoked', 'LINE-105', 'never', 'never'],
	['403 otherwise', answer(403, WIRE_CODES.notTransactionOwner), 'unauthorised', 'LINE-104', 'retry_after_change', 'retry_after_change'],
	['403 of a proxy', answer(403, null), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['404', answer(404, WIRE_CODES.notFound), 'gone', 'LINE-108', 'retry_later', 'retry_later'],
	['404 of something else', answer(404, null), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['407 of a proxy', answer(407, null), 'unreachable', 'LINE-101', 'retry_later', 'unknown'],
	['408', answer(408, null), 'fault', 'LINE-102', 'retry_later', 'unknown'],
	['409', answer(409, WIRE_CODES.internal), 'fault', 'LINE-102', 'retry_later', 'unknown'],
	['410', answer(410, WIRE_CODES.resyncNeeded), 'resync', 'LINE-108', 'retry_later', 'retry_later'],
	['410 without words', answer(410, null), 'resync', 'LINE-108', 'retry_later', 'retry_later'],
	['413', answer(413, WIRE_CODES.bodyTooLarge), 'request_refused', 'LINE-107', 'retry_after_change', 'retry_after_change'],
	['413 of a proxy', answer(413, null), 'request_refused', 'LINE-107', 'retry_after_change', 'retry_after_change'],
	['422', answer(422, WIRE_CODES.bodyMalformed), 'request_refused', 'LINE-107', 'retry_after_change', 'retry_after_change'],
	['425', answer(425, null), 'fault', 'LINE-102', 'retry_later', 'unknown'],
	['426', answer(426, WIRE_CODES.terminalTooOld), 'too_old', 'LINE-107', 'retry_after_change', 'retry_after_change'],
	['426 without words', answer(426, null), 'too_old', 'LINE-107', 'retry_after_change', 'retry_after_change'],
	['429', answer(429, WIRE_CODES.rateLimited, { retry_after_ms: 5 }), 'busy', 'LINE-103', 'retry_later', 'retry_later'],
	['429 without words', answer(429, null), 'busy', 'LINE-103', 'retry_later', 'retry_later'],
	['500', answer(500, WIRE_CODES.internal), 'fault', 'LINE-102', 'retry_later', 'unknown'],
	['502 of a proxy', answer(502, null), 'fault', 'LINE-102', 'retry_later', 'unknown'],
	['503', answer(503, null), 'fault', 'LINE-102', 'retry_later', 'unknown'],
	['503 with a time', answer(503, WIRE_CODES.internal, { retry_after_ms: 5 }), 'busy', 'LINE-103', 'retry_later', 'retry_later'],
	['503 with a header', answer(503, null, { header: 5000 }), 'busy', 'LINE-103', 'retry_later', 'retry_later'],
	['503 preparing', answer(503, WIRE_CODES.snapshotPreparing), 'preparing', 'LINE-103', 'retry_later', 'retry_later'],
];

describe.each(TABLE)('%s', (...[, breakdown, kind, code, readVerdict, pushVerdict]) => {
	test(`is ${kind}, ${code}, for a read ${readVerdict}`, () => {
		const failure = classifyFailure(breakdown, 'read');
		expect(failure).toMatchObject({ kind, error: { code, verdict: readVerdict } });
		expect(LoyaltyErrorSchema.safeParse(failure.error).success).toBe(true);
	});

	test(`is for a push ${pushVerdict}`, () => {
		expect(classifyFailure(breakdown, 'push')).toMatchObject({ kind, error: { code, verdict: pushVerdict } });
	});
});

test('the time to come back is the body’s, else the header’s, and has a limit', () => {
	expect(classifyFailure(answer(429, WIRE_CODES.rateLimited, { retry_after_ms: 1500, header: 9000 }), 'read').error.retryAfterMs).toBe(
		1500,
	);
	expect(classifyFailure(answer(503, null, { header: 9000 }), 'read').error.retryAfterMs).toBe(9000);
	expect(classifyFailure(answer(429, null), 'read').error.retryAfterMs).toBeUndefined();
	expect(classifyFailure(answer(429, WIRE_CODES.rateLimited, { retry_after_ms: 10 ** 9 }), 'read').error.retryAfterMs).toBe(
		RETRY_AFTER_MS_MAX,
	);
});

test('a snapshot in preparation says how far it is', () => {
	const failure = classifyFailure(answer(503, WIRE_CODES.snapshotPreparing, { progress: { done: 3, total: 9 } }), 'read');
	expect(failure.progress).toEqual({ done: 3, total: 9 });
});
