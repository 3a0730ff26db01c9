import { create } from 'zustand';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** The lock screen: who unlocks and what was typed. The PIN leaves this store only towards the services, and is dropped at once after. */
export type LockState = {
	readonly cashierId: string | null;
	readonly pin: string;
	readonly isChecking: boolean;
	readonly problem: LoyaltyError | null;
};

export const initialLockState: LockState = { cashierId: null, pin: '', isChecking: false, problem: null };
export const useLockStore = create<LockState>(() => initialLockState);
