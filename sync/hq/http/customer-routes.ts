import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { HqContext } from '../context.ts';
import { findMemberByBarcode, findMemberById } from '../ledger/find-member.ts';
import type { MemberState } from '../ledger/decide/member-state.ts';
import { customerOf } from './customer-view.ts';
import { readParams } from './read-request.ts';
import { refusal } from './refusal.ts';

const ParamsSchema = z.object({ id: z.string() });
const BY_BARCODE = 'loyalty_barcode:';

/** `GET /customers/{id}` and `GET /customers/loyalty_barcode:{value}`. Who has opted out is not found, as at Antavo. */
export function registerCustomerRoutes(app: FastifyInstance, context: HqContext): void {
	app.get('/customers/:id', async (request) => {
		const { id } = readParams(request, ParamsSchema);
		const member = await find(id, context);
		if (member === null || member.status === 'opted_out') throw refusal(404, 'customerNotFound', 'Customer not found');
		return customerOf(member, context.programme());
	});
}

async function find(id: string, context: HqContext): Promise<MemberState | null> {
	if (!id.startsWith(BY_BARCODE)) {
		if (!MemberIdSchema.safeParse(id).success) throw refusal(400, 'searchEmpty', 'not a customer ID');
		return findMemberById(context, id);
	}
	const barcode = id.slice(BY_BARCODE.length);
	if (!LoyaltyBarcodeSchema.safeParse(barcode).success) throw refusal(400, 'searchEmpty', 'not a loyalty_barcode');
	return findMemberByBarcode(context, barcode);
}
