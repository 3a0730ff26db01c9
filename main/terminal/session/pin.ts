import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Cashier } from '#shared/domain/programme.ts';

/** What one try of a PIN costs (RFC 7914): `N` rounds, `r` block size, `p` lanes. Headquarters hashes with the same. */
export type PinCost = { readonly N: number; readonly r: number; readonly p: number };

/** Some 50 ms and 16 MiB per try: a roster that was stolen gives up its four-digit PINs all the same, so a stolen terminal is revoked. */
export const PIN_COST: PinCost = { N: 16_384, r: 8, p: 1 };

const HASH_BYTES = 32;

/** Whether `pin` is the cashier's. */
export async function isPinOf(cashier: Pick<Cashier, 'pinSalt' | 'pinHash'>, pin: string, cost: PinCost): Promise<boolean> {
	const hash = await hashPin(pin, cashier.pinSalt, cost);
	return timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(cashier.pinHash, 'hex'));
}

/** The hash of a PIN under a salt of 16 bytes; both as lower-case hex. */
export async function hashPin(pin: string, saltHex: string, cost: PinCost): Promise<string> {
	return new Promise((resolve, reject) => {
		scrypt(pin, Buffer.from(saltHex, 'hex'), HASH_BYTES, cost, (cause, key) => {
			if (cause === null) resolve(key.toString('hex'));
			else reject(cause);
		});
	});
}
