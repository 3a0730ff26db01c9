import { expect, test } from 'vitest';
import { RefusalSchema } from '#shared/bridge/outbox-calls.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { Entry, EntryStatus } from '#sync/outbox/entry.ts';
import { refusalOf } from './refusal.ts';

type Judged = Pick<Entry, 'status' | 'outcome'>;

function entryOf(status: EntryStatus, code: number | null): Judged {
	const error = code === null ? null : { type: 'x', code, message: 'x' };
	return { status, outcome: error === null ? null : { appliedTo: null, appliedVer: null, points: null, error, settledAtMs: 0 } };
}

test.each([
	['transactionIdUsed', 'transaction_used'],
	['optedOut', 'opted_out'],
	['customerNotActive', 'not_active'],
	['notTransactionOwner', 'not_owner'],
	['refundNotAccepted', 'refund_limit'],
	['refundAboveTransaction', 'refund_limit'],
	['refundAboveCustomer', 'refund_limit'],
	['itemMalformed', 'malformed'],
	['propertyInvalid', 'malformed'],
	['contentMismatch', 'content_mismatch'],
	['identityConflict', 'identity_conflict'],
	['customerNotFound', 'other'],
] as const)('%s is told as %s', (name, kind) => {
	expect(refusalOf(entryOf('rejected', WIRE_CODES[name]))).toEqual({ kind, code: WIRE_CODES[name] });
});

test('every code of the wire has a kind that the screen knows', () => {
	for (const code of Object.values(WIRE_CODES)) expect(RefusalSchema.safeParse(refusalOf(entryOf('rejected', code))).success).toBe(true);
});

test('a code of a later version is told with its number', () => {
	expect(refusalOf(entryOf('rejected', 999_999))).toEqual({ kind: 'other', code: 999_999 });
});

test('a parked entry crashes headquarters, unless headquarters said what is wrong with it', () => {
	expect(refusalOf(entryOf('parked', null))).toEqual({ kind: 'crashes_headquarters', code: WIRE_CODES.internal });
	expect(refusalOf(entryOf('parked', WIRE_CODES.internal))).toEqual({ kind: 'crashes_headquarters', code: WIRE_CODES.internal });
	expect(refusalOf(entryOf('parked', WIRE_CODES.contentMismatch))?.kind).toBe('content_mismatch');
});

test.each(['pending', 'sending', 'applied', 'deferred', 'unknown', 'voided'] as const)('%s is no refusal', (status) => {
	expect(refusalOf(entryOf(status, WIRE_CODES.dependencyMissing))).toBeNull();
});
