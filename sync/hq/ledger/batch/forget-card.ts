import { createHmac } from 'node:crypto';

/** What stays of a card whose holder opted out: enough to recognise it, not to know it. */
export function forgottenCardHash(card: string, secret: string): string {
	return createHmac('sha256', secret).update(`card:${card}`).digest('hex');
}
