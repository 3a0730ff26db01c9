import { scrypt } from 'node:crypto';
import type { Cashier } from '#shared/domain/programme.ts';
import type { Random } from '#shared/lib/clock.ts';

/** What a terminal tries a PIN with too (main/terminal/session/pin.ts): they must stay the same. */
const PIN_COST = { N: 16_384, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** The people of the demonstration, who come with synthetic members only. Their PINs are no secret. */
const DEMONSTRATION: readonly (Pick<Cashier, 'id' | 'displayName' | 'role'> & { readonly pin: string })[] = [
	{ id: 'eva-k', displayName: 'Éva K.', role: 'cashier', pin: '1357' },
	{ id: 'mark-t', displayName: 'Márk T.', role: 'cashier', pin: '2468' },
	{ id: 'anna-sz', displayName: 'Anna Sz.', role: 'manager', pin: '9753' },
];

/** Names and PINs to show to who tries the programme. */
export const DEMONSTRATION_PINS = DEMONSTRATION.map(({ displayName, pin }) => ({ name: displayName, pin }));

/** The demonstration's roster, with new salts. */
export async function createDemonstrationRoster(random: Random): Promise<Cashier[]> {
	return Promise.all(
		DEMONSTRATION.map(async ({ pin, ...cashier }) => {
			const salt = Buffer.from(random.bytes(SALT_BYTES));
			return { ...cashier, pinSalt: salt.toString('hex'), pinHash: await hashPin(pin, salt) };
		}),
	);
}

function hashPin(pin: string, salt: Uint8Array): Promise<string> {
	return new Promise((resolve, reject) => {
		scrypt(pin, salt, HASH_BYTES, PIN_COST, (error, hash) => {
			if (error === null) resolve(hash.toString('hex'));
			else reject(error);
		});
	});
}
