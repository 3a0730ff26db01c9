import { expect, test } from 'vitest';
import { CARD_IDLE_MS, idleStep } from './idle-rule.ts';
import type { IdleFacts } from './idle-rule.ts';

const facts: IdleFacts = { idleMs: 0, hasCard: true, isLocked: false, canLock: true, lockAfterMs: 180_000 };

test.each<[string, Partial<IdleFacts>, ReturnType<typeof idleStep>]>([
	['a busy moment', { idleMs: CARD_IDLE_MS - 1 }, 'none'],
	['a card nobody looks at', { idleMs: CARD_IDLE_MS }, 'clear_card'],
	['the same without a card', { idleMs: CARD_IDLE_MS, hasCard: false }, 'none'],
	['nobody there', { idleMs: 180_000 }, 'lock'],
	['nobody there and nobody who could unlock', { idleMs: 180_000, canLock: false }, 'clear_card'],
	['a lock set below the card’s own time', { idleMs: 60_000, lockAfterMs: 60_000 }, 'lock'],
	['locked already', { idleMs: 999_999, isLocked: true }, 'none'],
])('%s', (_title, change, step) => {
	expect(idleStep({ ...facts, ...change })).toBe(step);
});
