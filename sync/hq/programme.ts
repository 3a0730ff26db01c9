import type { ConsentTerm, Programme } from '#shared/domain/programme.ts';
import { USUAL_SHOP_HOURS } from '#shared/domain/shop-hours.ts';

const TERMS: readonly Omit<ConsentTerm, 'language'>[] = [
	{
		purpose: 'terms',
		version: 4,
		title: 'Membership terms',
		wording:
			'I join the Regulars programme and accept its terms, version 4. The shop stores my name, my contact details and my purchases to keep my points, and deletes them when I leave the programme.',
		isRequired: true,
	},
	{
		purpose: 'email',
		version: 4,
		title: 'News by e-mail',
		wording:
			'Send me offers and news of the programme by e-mail. I can end this at any time, at the counter or with the link in every message.',
		isRequired: false,
	},
	{
		purpose: 'sms',
		version: 4,
		title: 'News by text message',
		wording: 'Send me offers and news of the programme by text message. I can end this at any time, at the counter or by answering STOP.',
		isRequired: false,
	},
];

/** The programme of a new headquarters: one point for every full euro, four tiers, EAN-13 cards of series 29. */
export const DEFAULT_PROGRAMME: Programme = {
	version: 1,
	name: 'Regulars',
	currency: 'EUR',
	earn: { points: 1, perMinor: 100, rounding: 'down', excludedCategories: ['gift-card', 'tobacco', 'deposit'] },
	tiers: [
		{ id: 'basic', name: 'Basic', threshold: 0, multiplierPercent: 100, colour: 'plain' },
		{ id: 'silver', name: 'Silver', threshold: 500, multiplierPercent: 110, colour: 'silver' },
		{ id: 'gold', name: 'Gold', threshold: 2000, multiplierPercent: 125, colour: 'gold' },
		{ id: 'platinum', name: 'Platinum', threshold: 6000, multiplierPercent: 150, colour: 'platinum' },
	],
	consents: TERMS.map((term) => ({ ...term, language: 'en' })),
	cardSeries: [{ id: 'membership', prefix: '29', length: 13, check: 'mod10' }],
	qr: { keys: ['card', 'id'], hosts: ['card.regulars.example'] },
	phoneCountry: 'HU',
	staleAfterMs: 36 * 3_600_000,
	hours: USUAL_SHOP_HOURS,
};
