import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** Thrown by the gate of a replica in memory: the disk refuses the change. */
export class DiskRefusal extends Error {
	override readonly name = 'DiskRefusal';
	readonly error: LoyaltyError;

	constructor(error: LoyaltyError) {
		super(error.code);
		this.error = error;
	}
}
