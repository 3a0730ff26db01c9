import { z } from 'zod';
import { ShortCodeSchema } from './ids.ts';
import { CurrencySchema } from './money.ts';
import { ShopHoursSchema } from './shop-hours.ts';

/** How a sale earns: `points` for each `perMinor` minor units, in proportion, times the tier's multiplier, then rounded once. */
export const EarnRuleSchema = z.object({
	points: z.int().min(0).max(1000),
	perMinor: z.int().min(1).max(1_000_000),
	rounding: z.enum(['down', 'nearest', 'up']),
	/** Lines of these categories earn nothing (gift cards, tobacco). */
	excludedCategories: z.array(z.string().min(1).max(64)).max(100),
});
export type EarnRule = z.infer<typeof EarnRuleSchema>;

/** One tier, entered at `threshold` tier points. `multiplierPercent` 150 earns half as much again. */
export const TierSchema = z.object({
	id: z.string().min(1).max(32),
	name: z.string().min(1).max(40),
	threshold: z.int().min(0),
	multiplierPercent: z.int().min(0).max(10_000),
	colour: z.enum(['plain', 'silver', 'gold', 'platinum']),
});
export type Tier = z.infer<typeof TierSchema>;

/** One consent as it is asked: its wording is kept by version and language, as evidence. */
export const ConsentTermSchema = z.object({
	purpose: z.enum(['terms', 'email', 'sms']),
	version: z.int().min(1),
	language: z.string().min(2).max(12),
	title: z.string().min(1).max(120),
	wording: z.string().min(1).max(2000),
	isRequired: z.boolean(),
});
export type ConsentTerm = z.infer<typeof ConsentTermSchema>;

/** A series of membership cards: which check digit is gated, and the block from which this outlet hands out the next card. */
export const CardSeriesSchema = z.object({
	id: z.string().min(1).max(32),
	prefix: z.string().regex(/^[0-9A-Z]{1,12}$/),
	length: z.int().min(4).max(32),
	check: z.enum(['mod10', 'luhn', 'none']),
});
export type CardSeries = z.infer<typeof CardSeriesSchema>;

/** Numbers of cards not yet handed out, this terminal's own: no other terminal has them, so two never give out one card. */
export const CardBlockSchema = z.object({ prefix: z.string(), first: z.int().min(0), last: z.int().min(0) });
export type CardBlock = z.infer<typeof CardBlockSchema>;

/** Where a card number stands in a QR payload: `key=value` pairs with one of `keys`, URLs of one of `hosts`. */
export const QrRuleSchema = z.object({
	keys: z.array(z.string().min(1).max(32)).max(20),
	hosts: z.array(z.string().min(1).max(253)).max(20),
});
export type QrRule = z.infer<typeof QrRuleSchema>;

/** A person who may work at this outlet. The PIN is a scrypt hash: the roster is on every terminal of the outlet. */
export const CashierSchema = z.object({
	id: z.string().min(1).max(64),
	displayName: z.string().min(1).max(40),
	role: z.enum(['cashier', 'manager']),
	pinSalt: z.string().regex(/^[0-9a-f]{32}$/),
	pinHash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Cashier = z.infer<typeof CashierSchema>;

/** The programme as headquarters serves it to every terminal. A change raises `version`. */
export const ProgrammeSchema = z.object({
	version: z.int().min(1),
	name: z.string().min(1).max(60),
	currency: CurrencySchema,
	earn: EarnRuleSchema,
	/** Ascending by threshold; the first has threshold 0. */
	tiers: z.array(TierSchema).min(1).max(20),
	consents: z.array(ConsentTermSchema).max(20),
	cardSeries: z.array(CardSeriesSchema).max(50),
	qr: QrRuleSchema,
	/** ISO 3166 country for phone numbers typed without one. */
	phoneCountry: z.string().regex(/^[A-Z]{2}$/),
	/** Member data older than this turns the chip amber. Milliseconds. */
	staleAfterMs: z.int().min(60_000),
	/** The usual ones (`USUAL_SHOP_HOURS`) when absent. */
	hours: ShopHoursSchema.exactOptional(),
});
export type Programme = z.infer<typeof ProgrammeSchema>;

/** Whose terminal this is. Codes are part of every transaction id. */
export const OutletSchema = z.object({ id: z.string().min(1).max(64), code: ShortCodeSchema, name: z.string().min(1).max(60) });
