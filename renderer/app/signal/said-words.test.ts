import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { createText } from '../../text/text.ts';
import { saidWords } from './said-words.ts';
import type { Said } from '../../stores/signal/signal-store.ts';

test.each<[Said, string]>([
	[{ kind: 'member', name: 'Nagy Éva', points: 3840 }, 'Nagy Éva, 3,840 points'],
	[{ kind: 'member', name: null, points: 1 }, 'Member without a name, 1 point'],
	[{ kind: 'points', points: 41, who: 'Éva' }, '+41 points for Éva'],
	[{ kind: 'points', points: -1, who: null }, '−1 point for this card'],
	[{ kind: 'sale_dropped', amountMinor: 4190, who: 'Éva' }, '41.90 EUR was not given to Éva: another card was scanned.'],
	[{ kind: 'several', count: 5 }, '5 members found'],
	[{ kind: 'error', error: terminalError('SCAN-102') }, 'That did not read cleanly'],
	[{ kind: 'plain', id: 'unlocked' }, 'Unlocked.'],
])('%o', (said, title) => {
	expect(saidWords(said, createText('en-GB'), 'EUR').title).toBe(title);
});
