import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { chooseReason, confirmClose, openClose } from '../../stores/correct/close-entry.ts';
import { confirmCorrect, openCorrect, openCorrection, typeCorrectCard } from '../../stores/correct/correct-actions.ts';
import { confirmCorrectEnrolment, findOthers, typeCorrectEnrolment } from '../../stores/correct/correct-enrolment.ts';
import { typeCorrectRefund } from '../../stores/correct/correct-refund.ts';
import { openOutbox, showOutbox, toggleDetails } from '../../stores/outbox/outbox-actions.ts';
import { openProof, saveProof } from '../../stores/proof/proof-store.ts';
import { openSync, toggleSupport, useSyncStore } from '../../stores/sync/sync-store.ts';
import { at, eventId, lineDetails, night, offline, outboxLine, session, status } from '../../bridge/scripted/fixtures.ts';
import {
	closedSale,
	correctedSale,
	foreignRefund,
	lifeOf,
	outboxAnswer,
	proofWithClosed,
	refundDraft,
	refusedRefund,
	refusedSale,
} from '../../bridge/scripted/outbox-fixture.ts';
import { calm, down } from '../../bridge/scripted/scripts.ts';
import type { Script } from '../../bridge/scripted/scripted-bridge.ts';
import { suspects } from './scenario.ts';
import type { GalleryState } from './scenario.ts';

const manager = must(session().cashiers.at(-1), 'a manager');
const refused = { lines: [refusedSale, ...outboxAnswer.lines], hasMore: false, proof: outboxAnswer.proof };
/** A manager before a refused sale. */
const atDesk: Script = {
	...down,
	'session.open': () => ok(session({ cashier: manager })),
	'status.get': () => ok({ ...offline, needsPerson: 2 }),
	'outbox.list': () => ok(refused),
};
const inHungarian: Script = { ...atDesk, 'session.open': () => ok(session({ cashier: manager, locale: 'hu-HU' })) };
const kinds = [
	'transaction_used',
	'opted_out',
	'not_active',
	'refund_limit',
	'not_owner',
	'malformed',
	'content_mismatch',
	'identity_conflict',
	'crashes_headquarters',
	'other',
] as const;

async function correct(): Promise<void> {
	await openOutbox();
	openCorrect(refusedSale);
}

const [refusedEnrolment = refusedSale] = outboxAnswer.lines;

async function correctEnrolment(): Promise<void> {
	await openOutbox();
	await openCorrection(refusedEnrolment);
}

async function support(): Promise<void> {
	await openSync();
	toggleSupport();
}

/** What a manager does at the desk: refused entries, corrections, the day's proof, the line. */
export const managerStates: Readonly<Record<string, GalleryState>> = {
	'outbox-refused': { script: atDesk, run: openOutbox },
	'outbox-refused-cashier': { script: { ...atDesk, 'session.open': () => ok(session()) }, run: openOutbox },
	'outbox-every-refusal': {
		script: {
			...atDesk,
			'outbox.list': () =>
				ok({
					...refused,
					lines: kinds.map((kind, index) => ({ ...refusedSale, eventId: eventId(20 + index), refusal: { kind, code: 3000 + index } })),
				}),
		},
		run: () => showOutbox('needs_person').then(openOutbox),
	},
	'outbox-life': {
		script: atDesk,
		run: async () => {
			await openOutbox();
			await toggleDetails(refusedSale.eventId);
		},
	},
	'outbox-life-corrected': {
		script: {
			...atDesk,
			'outbox.list': () => ok({ ...refused, lines: [correctedSale, ...outboxAnswer.lines] }),
			'outbox.entry': () => ok(lifeOf(correctedSale)),
		},
		run: async () => {
			await showOutbox('all');
			await openOutbox();
			await toggleDetails(correctedSale.eventId);
		},
	},
	'outbox-life-accepted': {
		script: {
			...atDesk,
			'outbox.list': () => ok({ ...refused, lines: [outboxLine(9, { displayStatus: 'accepted', attempts: 1 })] }),
			'outbox.entry': () => ok(lifeOf(outboxLine(9, { displayStatus: 'accepted', attempts: 1 }))),
		},
		run: async () => {
			await showOutbox('accepted');
			await openOutbox();
			await toggleDetails(eventId(9));
		},
	},
	'outbox-correct': { script: atDesk, run: correct },
	'outbox-correct-repeat': {
		script: { ...atDesk, 'outbox.correct': () => fail(terminalError('SALE-103')) },
		run: async () => {
			await correct();
			typeCorrectCard('2900000000018');
			await confirmCorrect();
		},
	},
	'outbox-corrected-said': {
		script: atDesk,
		run: async () => {
			await correct();
			await confirmCorrect();
		},
	},
	'outbox-refused-kinds': {
		script: { ...atDesk, 'outbox.list': () => ok({ ...refused, lines: [refusedEnrolment, refusedRefund, foreignRefund] }) },
		run: () => showOutbox('needs_person').then(openOutbox),
	},
	'outbox-closed': {
		script: {
			...atDesk,
			'outbox.list': () =>
				ok({ ...refused, proof: { ...outboxAnswer.proof, refusedOpen: 0 }, lines: [closedSale, ...outboxAnswer.lines.slice(1)] }),
			'outbox.entry': () => ok(lifeOf(closedSale)),
		},
		run: async () => {
			await showOutbox('all');
			await openOutbox();
			await toggleDetails(closedSale.eventId);
		},
	},
	'outbox-close': {
		script: atDesk,
		run: async () => {
			await openOutbox();
			openClose(refusedSale);
			chooseReason('done_otherwise');
		},
	},
	'outbox-close-why': {
		script: atDesk,
		run: async () => {
			await openOutbox();
			openClose(refusedEnrolment);
			await confirmClose();
		},
	},
	'outbox-correct-enrolment': { script: atDesk, run: correctEnrolment },
	'outbox-correct-enrolment-others': {
		script: { ...atDesk, 'member.duplicates': () => ok({ suspects }) },
		run: async () => {
			await correctEnrolment();
			await findOthers();
		},
	},
	'outbox-correct-enrolment-missing': {
		script: { ...atDesk, 'outbox.correctEnrolment': () => fail(terminalError('ENROL-101')) },
		run: async () => {
			await correctEnrolment();
			await confirmCorrectEnrolment();
			typeCorrectEnrolment('mobile', '');
			await confirmCorrectEnrolment();
		},
	},
	'outbox-correct-refund': {
		script: { ...atDesk, 'outbox.draft': () => ok(refundDraft) },
		run: async () => {
			await openOutbox();
			await openCorrection(refusedRefund);
			typeCorrectRefund('2190');
		},
	},
	'outbox-correct-refund-much': {
		script: { ...atDesk, 'outbox.draft': () => ok(refundDraft) },
		run: async () => {
			await openOutbox();
			await openCorrection(refusedRefund);
			typeCorrectRefund('9990');
		},
	},
	'proof-closed': { script: { ...atDesk, 'outbox.proof': () => ok(proofWithClosed) }, run: () => openOutbox().then(openProof) },
	proof: { script: atDesk, run: () => openOutbox().then(openProof) },
	'proof-saved': {
		script: atDesk,
		run: async () => {
			await openOutbox();
			await openProof();
			await saveProof('csv');
		},
	},
	'proof-not-saved': {
		script: { ...atDesk, 'outbox.export': () => fail(terminalError('DISK-101')) },
		run: async () => {
			await openOutbox();
			await openProof();
			await saveProof('csv');
		},
	},
	sync: { script: calm, run: openSync },
	'sync-offline': { script: { ...down, 'status.get': () => ok({ ...offline, needsPerson: 1 }) }, run: openSync },
	'sync-loading': {
		script: {
			...calm,
			'status.get': () =>
				ok(
					status({
						members: { phase: 'loading', rows: 412_000, asOfMs: 0 },
						work: { kind: 'first_load', done: 412_000, total: 1_000_000, unit: 'rows', ratePerS: 18_500, etaMs: 32_000 },
					}),
				),
		},
		run: openSync,
	},
	'sync-pushing': {
		script: {
			...calm,
			'status.get': () =>
				ok(status({ waiting: 812, work: { kind: 'push', done: 4188, total: 5000, unit: 'events', ratePerS: 90, etaMs: 9_000 } })),
		},
		run: openSync,
	},
	'sync-night': {
		script: {
			...calm,
			'status.get': () => ok(status({ isPullHeld: true })),
			'status.details': () =>
				ok(
					lineDetails({
						night: { ...night, isDue: true, compared: { atMs: at(2, 39), members: 1_000_000, shards: 256, differed: 2, notCompared: 0 } },
					}),
				),
		},
		run: openSync,
	},
	'sync-clock': { script: { ...calm, 'status.get': () => ok(status({ clockSkewMs: -190_000, waiting: 3 })) }, run: openSync },
	'sync-refused': {
		script: { ...calm, 'status.get': () => ok(status({ line: 'refused', error: { ...terminalError('LINE-104'), verdict: 'never' } })) },
		run: openSync,
	},
	'sync-unpaired': {
		script: {
			...calm,
			'status.get': () =>
				ok(status({ line: 'unpaired', lastPushAtMs: null, lastPullAtMs: null, members: { phase: 'empty', rows: 0, asOfMs: 0 } })),
		},
		run: openSync,
	},
	'sync-details': { script: calm, run: support },
	'sync-by-hand': {
		script: { ...calm, 'status.get': () => ok(status({ lastPushAtMs: at(9, 2) })) },
		run: async () => {
			await support();
			useSyncStore.setState({ copied: 'by_hand' });
		},
	},
	'hungarian-refused': { script: inHungarian, run: openOutbox },
	'hungarian-correct-enrolment': { script: inHungarian, run: correctEnrolment },
	'hungarian-close': {
		script: inHungarian,
		run: async () => {
			await openOutbox();
			openClose(refusedSale);
		},
	},
	'hungarian-correct': { script: inHungarian, run: correct },
	'hungarian-proof': { script: inHungarian, run: () => openOutbox().then(openProof) },
	'hungarian-sync': {
		script: { ...inHungarian, 'status.get': () => ok({ ...offline, clockSkewMs: 190_000 }) },
		run: support,
	},
};
