import type { Programme } from '#shared/domain/programme.ts';
import type { TerminalIdentity } from '../context.ts';

/** The programme of a training terminal that has never met a real one. */
export const TRAINING_PROGRAMME: Programme = {
	version: 1,
	name: 'Training',
	currency: 'EUR',
	earn: { points: 1, perMinor: 100, rounding: 'down', excludedCategories: ['gift-card'] },
	tiers: [
		{ id: 'basic', name: 'Basic', threshold: 0, multiplierPercent: 100, colour: 'plain' },
		{ id: 'silver', name: 'Silver', threshold: 500, multiplierPercent: 110, colour: 'silver' },
		{ id: 'gold', name: 'Gold', threshold: 2000, multiplierPercent: 125, colour: 'gold' },
		{ id: 'platinum', name: 'Platinum', threshold: 6000, multiplierPercent: 150, colour: 'platinum' },
	],
	consents: [
		{
			purpose: 'terms',
			version: 1,
			language: 'en',
			title: 'Membership terms',
			wording: 'I accept the terms of the programme. (Training)',
			isRequired: true,
		},
		{
			purpose: 'email',
			version: 1,
			language: 'en',
			title: 'News by e-mail',
			wording: 'Send me news by e-mail. (Training)',
			isRequired: false,
		},
		{
			purpose: 'sms',
			version: 1,
			language: 'en',
			title: 'News by text message',
			wording: 'Send me news by text message. (Training)',
			isRequired: false,
		},
	],
	cardSeries: [{ id: 'membership', prefix: '29', length: 13, check: 'mod10' }],
	qr: { keys: ['card', 'id'], hosts: [] },
	phoneCountry: 'HU',
	// Invented members do not get old.
	staleAfterMs: 3_650 * 86_400_000,
};

/** Cards that a trainee hands out: behind the invented members'. `prefix` is the series'. */
export function trainingIdentity(programme: Programme): TerminalIdentity {
	const prefix = programme.cardSeries[0]?.prefix ?? '';
	return { outletCode: 'TRAINING', terminalCode: 'T0', cardBlock: { prefix, first: 900, last: 999 } };
}
