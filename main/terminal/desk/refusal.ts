import type { z } from 'zod';
import type { RefusalSchema } from '#shared/bridge/outbox-calls.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireCode } from '#shared/wire/error-envelope.ts';
import type { Entry, EntryStatus } from '#sync/outbox/entry.ts';

type Refusal = z.infer<typeof RefusalSchema>;

/** Codes with a sentence of their own for people. All others are `other`, told with their number. */
const KINDS: Partial<Readonly<Record<WireCode, Refusal['kind']>>> = {
	[WIRE_CODES.transactionIdUsed]: 'transaction_used',
	[WIRE_CODES.optedOut]: 'opted_out',
	[WIRE_CODES.customerNotActive]: 'not_active',
	[WIRE_CODES.notTransactionOwner]: 'not_owner',
	[WIRE_CODES.refundNotAccepted]: 'refund_limit',
	[WIRE_CODES.refundNotPositive]: 'refund_limit',
	[WIRE_CODES.refundAboveTransaction]: 'refund_limit',
	[WIRE_CODES.refundAboveCustomer]: 'refund_limit',
	[WIRE_CODES.propertyInvalid]: 'malformed',
	[WIRE_CODES.bodyMalformed]: 'malformed',
	[WIRE_CODES.itemMalformed]: 'malformed',
	[WIRE_CODES.contentMismatch]: 'content_mismatch',
	[WIRE_CODES.identityConflict]: 'identity_conflict',
};

/** What a status means whose code has no sentence of its own. */
const UNNAMED: Partial<Readonly<Record<EntryStatus, Refusal['kind']>>> = {
	parked: 'crashes_headquarters',
	rejected: 'other',
	closed: 'other',
};

/** Why an entry needs a person, or did until it was closed: what headquarters said of it, or that it alone makes headquarters fail. `null` for all others. */
export function refusalOf({ status, outcome }: Pick<Entry, 'status' | 'outcome'>): Refusal | null {
	const code = outcome?.error?.code ?? null;
	const unnamed = UNNAMED[status];
	if (unnamed === undefined) return null;
	return { kind: (code === null ? undefined : kindOf(code)) ?? unnamed, code: code ?? WIRE_CODES.internal };
}

function kindOf(code: number): Refusal['kind'] | undefined {
	return Object.entries(KINDS).find(([known]) => Number(known) === code)?.[1];
}
