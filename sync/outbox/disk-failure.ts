import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/**
 * The disk failed in a call of the outbox that answers without a `Result`: DISK-101 no room, DISK-102 refused, DISK-103 damaged.
 * What was recorded before is as it was; the call changed nothing and may be repeated.
 */
export class DiskFailure extends Error {
	override readonly name = 'DiskFailure';
	readonly error: LoyaltyError;

	constructor(error: LoyaltyError, cause: Error) {
		super(`${error.code}: ${cause.message}`, { cause });
		this.error = error;
	}
}
