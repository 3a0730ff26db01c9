import { confirmEarn, typeAmount, typeReceipt } from '../../stores/earn/earn-actions.ts';
import { openEnrol, scanEnrolCard, setGranted, typeEnrol } from '../../stores/enrol/enrol-actions.ts';
import { confirmFind, identify, typeFind } from '../../stores/find/find-actions.ts';
import { ok } from '#shared/lib/result.ts';
import type { Identification, MemberCard } from '#shared/bridge/member-card.ts';
import type { Connection } from '../../bridge/live-bridge.ts';
import { card, memberLine } from '../../bridge/scripted/fixtures.ts';
import { calm, down } from '../../bridge/scripted/scripts.ts';
import type { Script } from '../../bridge/scripted/scripted-bridge.ts';

/** One picture: what the services answer, and what the cashier does first. */
export type GalleryState = { readonly script: Script; readonly run?: () => Promise<void> | void; readonly connection?: Connection };

/** Nagy Éva's card is scanned. */
export const scan = () => identify('2900000000018', 'scan');

/** A member, changed as wished, whose card was scanned. */
export function member(change: Parameters<typeof card>[0], script: Script = down): GalleryState {
	const shown: MemberCard = card(change);
	return {
		script: { ...script, 'member.identify': () => ok({ kind: 'found', member: shown }), 'member.open': () => ok(shown) },
		run: scan,
	};
}

/** What the services answered to a scan or a search. */
export function answered(answer: Identification, how: 'scan' | 'typed' = 'scan'): GalleryState {
	return {
		script: { ...calm, 'member.identify': () => ok(answer) },
		run: async () => {
			if (how === 'scan') return scan();
			typeFind('nagy é');
			await confirmFind();
		},
	};
}

/** A sale as a cashier types it, as far as it is given. */
export async function sell(amount: string, receipt = ''): Promise<void> {
	await scan();
	typeAmount(amount);
	await confirmEarn();
	if (receipt === '') return;
	typeReceipt(receipt);
	await confirmEarn();
}

/** An enrolment, half typed. */
export function fillEnrolment(): void {
	openEnrol();
	scanEnrolCard('2900000004823');
	typeEnrol('firstName', 'Márta');
	typeEnrol('mobile', '+36 30 123 45');
	setGranted('terms', true);
	setGranted('sms', true);
}

export const suspects = [
	{ ...memberLine({ memberId: 'm-2', name: 'Szabó Márta', points: 1280, cardEnd: '0392', tierId: 'green' }), because: 'mobile' as const },
	{ ...memberLine({ memberId: 'm-3', name: 'Márta Szabolcsi', points: 40, cardEnd: '7711', tierId: 'green' }), because: 'name' as const },
];

export const found = ['Nagy Éva', 'Nagy Éva Mária', 'Nagy-Kovács Éva', 'Nagyné Szűcs Evelin', null].map((name, index) =>
	memberLine({
		memberId: `m-${index}`,
		name,
		points: [3840, 12, 0, 1_204_990, 77][index],
		tierId: ['gold', 'green', 'silver', 'platinum', 'green'][index],
		cardEnd: `00${index}8`,
		isLocal: index === 2,
	}),
);
