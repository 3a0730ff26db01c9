import { z } from 'zod';
import { MemberIdSchema } from '../domain/ids.ts';

/**
 * `GET /customers/{id}` and `GET /customers/loyalty_barcode:{value}`: the customer object of seed "Handling Customers".
 * Unix seconds; `spendable = score - spent - reserved - expired`, `pending` is outside `score`.
 */
export const CustomerSchema = z.object({
	id: MemberIdSchema,
	optin_at: z.int().nullable(),
	last_login_at: z.null(),
	updated_at: z.int(),
	first_name: z.string().nullable(),
	last_name: z.string().nullable(),
	email: z.string().nullable(),
	mobile_phone: z.string().nullable(),
	birth_date: z.string().nullable(),
	gender: z.string().nullable(),
	language: z.string().nullable(),
	nickname: z.string().nullable(),
	status: z.string(),
	score: z.int(),
	spent: z.int(),
	reserved: z.int(),
	expired: z.int(),
	spendable: z.int(),
	pending: z.int(),
	properties: z.record(z.string(), z.unknown()),
	purchase_total: z.number(),
	purchase_count: z.int(),
	purchase_last_date: z.string().nullable(),
	tiers: z.array(
		z.object({
			id: z.string(),
			name: z.string(),
			threshold: z.int(),
			points: z.int(),
			next: z.object({ id: z.string(), name: z.string(), points: z.int() }).optional(),
		}),
	),
});
export type WireCustomer = z.infer<typeof CustomerSchema>;
