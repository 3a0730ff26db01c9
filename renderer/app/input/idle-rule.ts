/** A member's card is not left on a screen that others see. Milliseconds without a key, a touch or a scan. */
export const CARD_IDLE_MS = 90_000;

export type IdleFacts = {
	readonly idleMs: number;
	readonly hasCard: boolean;
	readonly isLocked: boolean;
	readonly canLock: boolean;
	readonly lockAfterMs: number;
};

/** What to do after so long without anybody: nothing, take the member's card off the screen, or lock. */
export function idleStep({ idleMs, hasCard, isLocked, canLock, lockAfterMs }: IdleFacts): 'none' | 'clear_card' | 'lock' {
	if (isLocked) return 'none';
	if (canLock && idleMs >= lockAfterMs) return 'lock';
	return hasCard && idleMs >= CARD_IDLE_MS ? 'clear_card' : 'none';
}
