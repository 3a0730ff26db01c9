import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { typeAmount } from '../../stores/earn/earn-actions.ts';
import { confirmEnrol, openEnrol, typeEnrol } from '../../stores/enrol/enrol-actions.ts';
import { lock, typePin } from '../../stores/lock/lock-actions.ts';
import { openOutbox, toggleDetails } from '../../stores/outbox/outbox-actions.ts';
import { showOverlay } from '../../stores/place/place-store.ts';
import { confirmRefund, openRefund, typeRefundAmount, typeRefundReceipt } from '../../stores/refund/refund-actions.ts';
import { runCommand } from '../input/handle-key.ts';
import { at, card, eventId, NOW_MS, offline, programme, sale, session, status } from '../../bridge/scripted/fixtures.ts';
import { outboxAnswer } from '../../bridge/scripted/outbox-fixture.ts';
import { calm, down } from '../../bridge/scripted/scripts.ts';
import { fillEnrolment, scan, sell, suspects } from './scenario.ts';
import type { GalleryState } from './scenario.ts';

/** Enrolment, refund, what is waiting, the lock, and the look of it all in other languages. */
export const deskStates: Readonly<Record<string, GalleryState>> = {
	'enrol-empty': { script: calm, run: () => openEnrol() },
	enrol: { script: { ...down, 'member.duplicates': () => ok({ suspects }) }, run: fillEnrolment },
	'enrol-missing': {
		script: calm,
		run: async () => {
			openEnrol();
			typeEnrol('lastName', 'Szabó');
			await confirmEnrol();
		},
	},
	'enrol-refused': {
		script: { ...calm, 'member.enrol': () => fail(terminalError('ENROL-101')) },
		run: async () => {
			fillEnrolment();
			await confirmEnrol();
		},
	},
	'enrol-wording': {
		script: calm,
		run: () => {
			fillEnrolment();
			showOverlay({ kind: 'wording', index: 0 });
		},
	},

	refund: { script: calm, run: () => openRefund(null) },
	'refund-not-found': {
		script: { ...calm, 'sale.find': () => ok({ sales: [] }) },
		run: async () => {
			await openRefund(null);
			typeRefundReceipt('000799');
			await confirmRefund();
		},
	},
	'refund-several': {
		script: {
			...calm,
			'sale.find': () =>
				ok({
					sales: [
						sale(),
						sale({ eventId: eventId(5), atMs: NOW_MS - 86_400_000 * 9, amountMinor: 1290, points: 12, memberInitials: 'T. B.' }),
					],
				}),
		},
		run: () => openRefund('000731'),
	},
	'refund-whole': { script: calm, run: () => openRefund('000731') },
	'refund-void': { script: { ...calm, 'sale.find': () => ok({ sales: [sale({ canVoid: true })] }) }, run: () => openRefund('000731') },
	'refund-part': {
		script: { ...calm, 'sale.find': () => ok({ sales: [sale({ refundedMinor: 1000 })] }) },
		run: async () => {
			await openRefund('000731');
			typeRefundAmount('1290');
		},
	},
	'refund-done': {
		script: calm,
		run: async () => {
			await openRefund('000731');
			await confirmRefund();
		},
	},

	outbox: { script: { ...down, 'status.get': () => ok({ ...offline, needsPerson: 1 }) }, run: openOutbox },
	'outbox-details': {
		script: { ...down, 'status.get': () => ok({ ...offline, needsPerson: 1 }) },
		run: async () => {
			await openOutbox();
			await toggleDetails(eventId(1));
		},
	},
	'outbox-empty': {
		script: {
			...calm,
			'outbox.list': () =>
				ok({
					lines: [],
					hasMore: false,
					proof: { recorded: 176, accepted: 175, refused: 0, waiting: 0, voided: 1, refusedOpen: 0, sinceMs: at(6, 2) },
				}),
		},
		run: openOutbox,
	},
	'outbox-wrong': {
		script: { ...calm, 'outbox.list': () => ok({ ...outboxAnswer, proof: { ...outboxAnswer.proof, accepted: 170 } }) },
		run: openOutbox,
	},
	'outbox-pushing': {
		script: {
			...calm,
			'status.get': () =>
				ok(
					status({
						waiting: 812,
						clockSkewMs: 190_000,
						work: { kind: 'push', done: 4188, total: 5000, unit: 'events', ratePerS: 900, etaMs: 900 },
					}),
				),
		},
		run: openOutbox,
	},

	locked: { script: { ...calm }, run: lock },
	'locked-pin': {
		script: { ...calm, 'session.unlock': () => fail(terminalError('SESSION-101')) },
		run: async () => {
			fillEnrolment();
			await lock();
			typePin('1234');
		},
	},
	training: {
		script: { ...calm, 'session.open': () => ok(session({ isTraining: true })) },
		run: async () => {
			await scan();
			typeAmount('4190');
		},
	},
	keys: { script: { ...calm, 'session.open': () => ok(session({ volumePercent: 60 })) }, run: () => runCommand('keys') },
	hungarian: {
		script: { ...down, 'session.open': () => ok(session({ locale: 'hu-HU', programme: { ...programme, currency: 'HUF' } })) },
		run: () => sell('4190'),
	},
	'hungarian-ready': { script: { ...calm, 'session.open': () => ok(session({ locale: 'hu-HU' })) } },
	'hungarian-outbox': { script: { ...down, 'session.open': () => ok(session({ locale: 'hu-HU' })) }, run: openOutbox },
	arabic: {
		script: {
			...down,
			'session.open': () => ok(session({ locale: 'ar-EG' })),
			'member.identify': () => ok({ kind: 'found', member: card({ name: 'فاطمة الزهراء', firstName: 'فاطمة' }) }),
		},
		run: () => sell('4190'),
	},
};
