import { afterAll, beforeAll, expect, test } from 'vitest';
import { orThrow, requestId } from '#main/terminal/fake-context.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import { createOperator } from '../support/operator.ts';
import { startRunningTerminal } from './running-terminal.ts';
import type { RunningTerminal } from './running-terminal.ts';
import { findTraces } from './traces.ts';

/** Nobody else has any part of these, in any form. */
const PERSON = { firstName: 'Xenophonia', lastName: 'Quetzalcóatl', mobile: '+36 30 987 4561', email: 'xeno.quetzal@vexillology.example' };
const SECOND_NAME = 'Zygomorpha';
const TRACES = ['xenophonia', 'quetzalc', 'zygomorpha', 'vexillology', 'xeno.quetzal', '309874561', '30 987 4561', '6554789'];

let place: RunningTerminal;

beforeAll(async () => {
	place = await startRunningTerminal();
	orThrow(await place.tryToStart());
}, 240_000);
afterAll(async () => place.close());

type Known = { readonly memberId: MemberId; readonly barcode: LoyaltyBarcode };

async function enrolAndServe(): Promise<Known> {
	const { barcode } = orThrow(await place.services().api['member.nextCard']({}));
	const consents = [{ purpose: 'terms', granted: true, version: 4, language: 'en' } as const];
	const { firstName, lastName, mobile, email } = PERSON;
	const form = { barcode, firstName, lastName, mobile, email };
	const { member } = orThrow(await place.services().api['member.enrol']({ requestId: requestId(1), form, consents }));
	const sale = { receiptNumber: 'R-1', amountMinor: 4990, currency: 'EUR', isRepeatConfirmed: false };
	orThrow(await place.services().api['sale.earn']({ ...sale, requestId: requestId(2), member: { memberId: member.memberId } }));
	// Searched for by everything that she has: a search must leave no trace either.
	for (const text of [firstName, lastName, mobile, email])
		orThrow(await place.services().api['member.identify']({ text, source: 'typed' }));
	return { memberId: member.memberId, barcode };
}

/** Files with a trace of the person. */
function traces(): Promise<readonly string[]> {
	return findTraces(place.data, TRACES);
}

test('I10: after an opt-out at headquarters no byte of name, phone or e-mail is in any file of the terminal', async () => {
	await place.unlock();
	await place.ready();
	const { memberId, barcode } = await enrolAndServe();
	await place.until(
		async () => orThrow(await place.services().api['outbox.list']({ show: 'all', limit: 10 })),
		({ lines }) => lines.every(({ displayStatus }) => displayStatus === 'accepted'),
	);
	orThrow(await place.services().api['status.syncNow']({}));
	await place.until(
		async () => orThrow(await place.services().api['member.identify']({ text: barcode, source: 'scan' })),
		(answer) => answer.kind === 'found' && !answer.member.isLocal,
	);
	// She is in the replica, its search index, the outbox and the journal by now: the search for traces finds what there is to find.
	const before = await traces();
	for (const file of ['replica.db', 'outbox.db', 'journal']) expect(before.some((trace) => trace.includes(file))).toBe(true);

	const operator = createOperator(place.headquarters.ready.url);
	const renamed = { customer: memberId, action: 'profile', data: { first_name: SECOND_NAME } };
	expect((await operator.call('POST', '/events/bulk', { events: [renamed] })).status).toBe(200);
	expect((await operator.call('POST', '/events/bulk', { events: [{ customer: memberId, action: 'opt_out', data: {} }] })).status).toBe(200);
	orThrow(await place.services().api['status.syncNow']({}));
	await place.until(
		async () => orThrow(await place.services().api['member.identify']({ text: barcode, source: 'scan' })),
		(answer) => answer.kind !== 'found',
	);
	expect(await traces()).toEqual([]);

	// Nor after a restart.
	await place.stopServices();
	expect(await traces()).toEqual([]);
	orThrow(await place.tryToStart());
	await place.unlock();
	const { kind } = orThrow(await place.services().api['member.identify']({ text: PERSON.email, source: 'typed' }));
	expect(kind).not.toBe('found');
	expect(await traces()).toEqual([]);
}, 240_000);
