import { ok } from '#shared/lib/result.ts';
import { card, eventId, lineDetails, offline, sale, session, shift, status, unknownBarcode } from './fixtures.ts';
import { enrolmentDraft, lifeOf, outboxAnswer, proofSheet, refusedSale } from './outbox-fixture.ts';
import type { Script } from './scripted-bridge.ts';

/** Everything in order, the line up. */
export const calm: Script = {
	'session.open': () => ok(session()),
	'session.shift': () => ok(shift),
	'session.lock': () => ok(session({ isLocked: true })),
	'session.unlock': () => ok(session()),
	'session.setVolume': ({ percent }) => ok(session({ volumePercent: percent })),
	'status.get': () => ok(status()),
	'status.syncNow': () => ok(status()),
	'member.identify': () => ok({ kind: 'found', member: card() }),
	'member.open': () => ok(card()),
	'member.duplicates': () => ok({ suspects: [] }),
	'member.nextCard': () => ok({ barcode: unknownBarcode }),
	'member.enrol': () => ok({ eventId: eventId(1), member: card({ isLocal: true, asOfMs: 0 }) }),
	'sale.earn': ({ amountMinor }) =>
		ok({
			eventId: eventId(731),
			points: Math.floor(amountMinor / 100),
			member: card({ pendingPoints: 90 + Math.floor(amountMinor / 100) }),
		}),
	'sale.void': () => ok({ eventId: eventId(731), member: card() }),
	'sale.find': () => ok({ sales: [sale()] }),
	'sale.refund': () => ok({ eventId: eventId(9), points: -36, member: card() }),
	'outbox.list': () => ok(outboxAnswer),
	'outbox.entry': ({ eventId: id }) => ok(lifeOf([...outboxAnswer.lines, refusedSale].find((line) => line.eventId === id) ?? refusedSale)),
	'outbox.draft': () => ok(enrolmentDraft),
	'outbox.correct': () => ok({ eventId: eventId(3) }),
	'outbox.correctEnrolment': () => ok({ eventId: eventId(3) }),
	'outbox.correctRefund': () => ok({ eventId: eventId(3) }),
	'outbox.close': ({ eventId: id }) => ok({ eventId: id }),
	'outbox.proof': () => ok(proofSheet),
	'outbox.export': ({ format }) => ok({ path: `/var/lib/regulars/exports/proof-2026-11-22T084100Z.${format}` }),
	'status.details': () => ok(lineDetails()),
	'outbox.resend': ({ eventId: id }) => ok({ eventId: id }),
};
/** The same with the line down since the night. */
export const down: Script = { ...calm, 'status.get': () => ok(offline) };
