import { beforeEach, expect, test } from 'vitest';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { eventId, memberLine, outboxLine } from '../../bridge/scripted/fixtures.ts';
import { lastSaid, openFakeTerminal } from '../fake-terminal.ts';
import { hideWork } from '../lock/lock-actions.ts';
import { usePlaceStore } from '../place/place-store.ts';
import { openCorrection } from './correct-actions.ts';
import {
	confirmCorrectEnrolment,
	findOthers,
	resetCorrectEnrolment,
	typeCorrectEnrolment,
	useCorrectEnrolmentStore,
} from './correct-enrolment.ts';

const line = outboxLine(1, { action: 'opt_in', displayStatus: 'needs_person', canCorrect: true });
const state = () => useCorrectEnrolmentStore.getState();
const overlay = () => usePlaceStore.getState().overlay.kind;
beforeEach(resetCorrectEnrolment);

test('opens with what was recorded, and keeps what was typed for the same entry', async () => {
	const bridge = await openFakeTerminal();
	await openCorrection(line);
	expect(state()).toMatchObject({ eventId: line.eventId, memberId: 'm-9', form: { firstName: 'Márta', barcode: '2900000004823' } });
	expect(overlay()).toBe('correct_enrolment');
	typeCorrectEnrolment('firstName', 'Mária');
	await openCorrection(line);
	expect(state().form.firstName).toBe('Mária');
	expect(bridge.made.filter(({ name }) => name === 'outbox.draft')).toHaveLength(1);
});

test('what cannot be corrected any more is said, and nothing opens', async () => {
	await openFakeTerminal({ 'outbox.draft': () => fail(terminalError('OUTBOX-101')) });
	usePlaceStore.setState({ overlay: { kind: 'none' } });
	await openCorrection(line);
	expect(overlay()).toBe('none');
	expect(lastSaid()).toMatchObject({ kind: 'error', error: { code: 'OUTBOX-101' } });
});

test('what is missing is marked and nothing is sent; what is there is recorded', async () => {
	const bridge = await openFakeTerminal();
	await openCorrection(line);
	typeCorrectEnrolment('mobile', '');
	await confirmCorrectEnrolment();
	expect(state().missing).toEqual(['contact']);
	expect(bridge.made.some(({ name }) => name === 'outbox.correctEnrolment')).toBe(false);
	typeCorrectEnrolment('email', 'marta@example.org');
	await confirmCorrectEnrolment();
	expect(bridge.made.find(({ name }) => name === 'outbox.correctEnrolment')?.input).toMatchObject({
		eventId: line.eventId,
		form: { firstName: 'Márta', mobile: '', email: 'marta@example.org' },
	});
	expect(overlay()).toBe('none');
	expect(lastSaid()).toEqual({ kind: 'plain', id: 'corrected' });
	expect(state().form.firstName).toBe('');
});

test('nobody is a duplicate of themselves', async () => {
	const suspect = (id: string) => ({ ...memberLine({ memberId: MemberIdSchema.parse(id) }), because: 'mobile' as const });
	await openFakeTerminal({ 'member.duplicates': () => ok({ suspects: [suspect('m-9'), suspect('m-2')] }) });
	await openCorrection(line);
	await findOthers();
	expect(state().suspects.map(({ memberId }) => memberId)).toEqual(['m-2']);
});

test('the lock forgets names and contacts', async () => {
	await openFakeTerminal();
	await openCorrection(line);
	hideWork();
	expect(JSON.stringify(state())).not.toContain('Márta');
});

test('another entry begins anew', async () => {
	await openFakeTerminal();
	await openCorrection(line);
	typeCorrectEnrolment('firstName', 'Mária');
	await openCorrection(outboxLine(2, { action: 'opt_in' }));
	expect(state()).toMatchObject({ eventId: eventId(2), form: { firstName: 'Márta' } });
});
