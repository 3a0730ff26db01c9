import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orThrow, requestId } from '#main/terminal/fake-context.ts';
import type { LoyaltyBarcode } from '#shared/domain/ids.ts';
import { startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';
import { createOperator } from '../support/operator.ts';
import { startRunningTerminal } from './running-terminal.ts';
import type { RunningTerminal } from './running-terminal.ts';
import { findTraces } from './traces.ts';

/** Nobody else has any part of these, in any form. */
const PERSON = { firstName: 'Xenophonia', lastName: 'Quetzalcóatl', mobile: '+36 30 987 4561', email: 'xeno.quetzal@vexillology.example' };
const TRACES = ['xenophonia', 'quetzalc', 'vexillology', 'xeno.quetzal', '309874561', '30 987 4561', '6554789'];

let place: RunningTerminal;
let headquarters: HeadquartersProcess | null = null;

beforeAll(async () => {
	place = await startRunningTerminal();
	orThrow(await place.tryToStart());
}, 240_000);
afterAll(async () => {
	await place.close();
	await headquarters?.stop();
});

async function enrol(): Promise<LoyaltyBarcode> {
	const { barcode } = orThrow(await place.services().api['member.nextCard']({}));
	const consents = [{ purpose: 'terms', granted: true, version: 4, language: 'en' } as const];
	const enrolled = await place.services().api['member.enrol']({ requestId: requestId(1), form: { ...PERSON, barcode }, consents });
	orThrow(enrolled);
	return barcode;
}

/** The same headquarters again: its database, its place. */
async function startAgain(): Promise<HeadquartersProcess> {
	const port = Number(new URL(place.headquarters.ready.url).port);
	return startHeadquartersProcess({ data: join(dirname(place.data), 'hq'), members: 0, terminals: [], port });
}

test('I10: of an enrolment that headquarters refuses because its person has left no byte is in any file', async () => {
	await place.unlock();
	await place.ready();
	await place.headquarters.stop();
	const barcode = await enrol();
	await place.stopServices();
	const before = await findTraces(place.data, TRACES);
	for (const file of ['outbox.db', 'journal']) expect(before.some((trace) => trace.includes(file))).toBe(true);

	headquarters = await startAgain();
	const operator = createOperator(headquarters.ready.url);
	// Another till was faster with the card, and its holder has left since.
	for (const event of [
		{ customer: 'ELSEWHERE', action: 'opt_in', data: { loyalty_barcode: barcode } },
		{ customer: 'ELSEWHERE', action: 'opt_out', data: {} },
	])
		expect((await operator.call('POST', '/events/bulk', { events: [event] })).status).toBe(200);

	orThrow(await place.tryToStart());
	await place.unlock();
	await place.until(
		async () => orThrow(await place.services().api['outbox.list']({ show: 'all', limit: 10 })),
		({ lines: now }) => now.some(({ refusal }) => refusal?.kind === 'opted_out'),
	);
	expect(await findTraces(place.data, TRACES)).toEqual([]);
	await place.stopServices();
	expect(await findTraces(place.data, TRACES)).toEqual([]);
}, 240_000);
