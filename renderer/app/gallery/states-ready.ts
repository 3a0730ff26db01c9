import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { confirmFind, moveHighlight, typeFind } from '../../stores/find/find-actions.ts';
import { runCommand } from '../input/handle-key.ts';
import { at, busyShift, memberLine, offline, session, status, unknownBarcode } from '../../bridge/scripted/fixtures.ts';
import { calm, down } from '../../bridge/scripted/scripts.ts';
import { answered, fillEnrolment, found, scan } from './scenario.ts';
import type { GalleryState } from './scenario.ts';

/** Ready, and what a scan or a search leads to there. */
export const readyStates: Readonly<Record<string, GalleryState>> = {
	ready: { script: calm },
	'ready-busy': { script: { ...calm, 'session.shift': () => ok(busyShift) } },
	'ready-empty-shift': {
		script: { ...calm, 'session.shift': () => ok({ salesWithCard: 0, enrolled: 0, pointsGiven: 0, justServed: [] }) },
	},
	'ready-stale': {
		script: { ...down, 'status.get': () => ok({ ...offline, members: { phase: 'ready', rows: 1, asOfMs: at(2, 14) - 3 * 86_400_000 } }) },
	},
	'ready-needs-person': { script: { ...calm, 'status.get': () => ok(status({ needsPerson: 2, waiting: 5 })) } },
	'ready-refused-terminal': {
		script: {
			...calm,
			'status.get': () => ok(status({ line: 'refused', waiting: 12, error: { ...terminalError('LINE-104'), verdict: 'never' } })),
		},
	},
	'ready-unpaired': {
		script: {
			...calm,
			'session.open': () => ok(session({ programme: null, cashier: null, cashiers: [] })),
			'session.shift': () => ok({ salesWithCard: 0, enrolled: 0, pointsGiven: 0, justServed: [] }),
			'status.get': () =>
				ok(status({ line: 'unpaired', lastPushAtMs: null, lastPullAtMs: null, members: { phase: 'empty', rows: 0, asOfMs: 0 } })),
		},
	},
	'ready-no-bridge': { script: calm, connection: 'lost' },
	'ready-lost': { script: calm },
	'ready-kept-enrolment': {
		script: calm,
		run: () => {
			fillEnrolment();
			return runCommand('back');
		},
	},
	loading: {
		script: {
			...calm,
			'session.shift': () => ok({ salesWithCard: 0, enrolled: 0, pointsGiven: 0, justServed: [] }),
			'status.get': () =>
				ok(
					status({
						members: { phase: 'loading', rows: 412_000, asOfMs: 0 },
						work: { kind: 'first_load', done: 412_000, total: 1_000_000, unit: 'rows', ratePerS: 18_500, etaMs: 32_000 },
					}),
				),
		},
	},
	'loading-preparing': {
		script: {
			...calm,
			'status.get': () =>
				ok(
					status({
						members: { phase: 'empty', rows: 0, asOfMs: 0 },
						work: { kind: 'hq_preparing', done: 0, total: 0, unit: 'rows', ratePerS: null, etaMs: null },
					}),
				),
		},
	},
	several: {
		...answered({ kind: 'several', members: found, hasMore: true }, 'typed'),
		run: async () => {
			typeFind('nagy é');
			await confirmFind();
			moveHighlight(1);
		},
	},
	nobody: answered({ kind: 'nobody', asOfMs: at(9, 41), isLoading: false }, 'typed'),
	'wrong-read': answered({ kind: 'wrong_check_digit' }),
	coupon: answered({ kind: 'coupon' }),
	book: answered({ kind: 'book' }),
	unreadable: answered({ kind: 'unreadable', reason: 'characters' }),
	blocked: answered({ kind: 'blocked_card', member: memberLine(), cardStatus: 'blocked' }),
	replaced: answered({ kind: 'blocked_card', member: memberLine(), cardStatus: 'replaced' }),
	'unknown-card': answered({ kind: 'unknown_card', barcode: unknownBarcode, asOfMs: at(2, 14), isLoading: false }),
	failed: { script: { ...calm, 'member.identify': () => fail(terminalError('INTERNAL-101')) }, run: scan },
};
