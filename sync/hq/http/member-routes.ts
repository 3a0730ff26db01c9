import type { FastifyInstance } from 'fastify';
import { MergeRequestSchema } from '#shared/wire/merge.ts';
import type { HqContext } from '../context.ts';
import { mergeMembers } from '../ledger/merge.ts';
import { requireOperator } from './authenticate.ts';
import { readBody } from './read-request.ts';
import { Refusal, statusOfItem, unavailable } from './refusal.ts';

const BUSY_RETRY_AFTER_MS = 1000;

/** `POST /members/merge`. */
export function registerMemberRoutes(app: FastifyInstance, context: HqContext): void {
	app.post('/members/merge', async (request) => {
		requireOperator(request);
		const merged = await mergeMembers(context, readBody(request, MergeRequestSchema));
		if (merged.ok) return merged.value;
		if (merged.error === 'busy') throw unavailable('the members are in use', BUSY_RETRY_AFTER_MS);
		throw new Refusal(statusOfItem(merged.error), merged.error);
	});
}
