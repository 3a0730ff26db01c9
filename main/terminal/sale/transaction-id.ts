import { assert } from '#shared/lib/assert.ts';
import { TransactionIdSchema } from '#shared/domain/ids.ts';
import type { EventId, TransactionId } from '#shared/domain/ids.ts';

/** Crockford's base 32: no I, L, O, U, so that it can be read out over a telephone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SUFFIX_LENGTH = 6;

/**
 * The key of a sale at headquarters and at all vendors: `OUTLET-TERMINAL-YYYYMMDD-SEQ-XXXXXX`, at most 50 characters for any
 * codes and numbers. `seq` is for people and only nearly unique: a terminal restored from a backup counts some numbers twice, and two sales
 * confirmed at once may read the same one. The end is 30 bits of the event id, which is new for every sale, so that such a pair still has two keys.
 */
export function transactionIdOf(sale: {
	readonly outletCode: string;
	readonly terminalCode: string;
	/** `20261122`, in the outlet's time zone. */
	readonly day: string;
	readonly seq: number;
	readonly eventId: EventId;
}): TransactionId {
	assert(/^\d{8}$/.test(sale.day), 'a day is eight digits');
	assert(Number.isSafeInteger(sale.seq) && sale.seq > 0, 'a sequence number counts from 1');
	return TransactionIdSchema.parse([sale.outletCode, sale.terminalCode, sale.day, sale.seq, suffixOf(sale.eventId)].join('-'));
}

/** The last bits of a UUIDv7 are random, the first are its time. */
function suffixOf(eventId: EventId): string {
	let bits = BigInt(`0x${eventId.replaceAll('-', '').slice(-8)}`);
	let suffix = '';
	for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
		suffix = `${ALPHABET.charAt(Number(bits % 32n))}${suffix}`;
		bits /= 32n;
	}
	return suffix;
}
