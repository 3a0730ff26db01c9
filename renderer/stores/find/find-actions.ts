import type { Identification } from '#shared/bridge/member-card.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { ErrorCode } from '#shared/errors/error-codes.ts';
import { unreachable } from '#shared/lib/assert.ts';
import { services } from '../../bridge/services.ts';
import { amountAtRisk, resetEarn, useEarnStore } from '../earn/earn-store.ts';
import { enter, goHome, placeOf, replaceSubject, subjectOf, usePlaceStore } from '../place/place-store.ts';
import type { Subject } from '../place/place-store.ts';
import { raise } from '../signal/signal-store.ts';
import { resetFind, useFindStore } from './find-store.ts';
import type { Finding, PlainAnswer } from './find-store.ts';

/** Takes over the text of the search box; what was found for another text goes. */
export function typeFind(text: string): void {
	useFindStore.setState({ text, finding: { kind: 'idle' } });
}

/** Moves the highlight in a list of several, and stops at its ends. */
export function moveHighlight(by: number): void {
	useFindStore.setState(({ finding }) => {
		if (finding.kind !== 'several') return {};
		return { finding: { ...finding, highlighted: Math.min(finding.members.length - 1, Math.max(0, finding.highlighted + by)) } };
	});
}

/** Enter in the search box: opens the highlighted member, or looks the text up. */
export async function confirmFind(): Promise<void> {
	const { finding, text } = useFindStore.getState();
	if (finding.kind === 'several') {
		const line = finding.members[finding.highlighted];
		if (line !== undefined) await openMember(line.memberId);
	} else if (text.trim() !== '') await identify(text.trim(), 'typed');
	else if (finding.kind === 'answer' && finding.answer.kind === 'blocked_card' && finding.answer.cardStatus === 'replaced') {
		await openMember(finding.answer.member.memberId);
	}
}

/** Looks up anything that was scanned or typed and shows what it led to. Only the last question is answered. */
export async function identify(text: string, source: 'scan' | 'typed'): Promise<void> {
	const seq = ask();
	const answer = await services().call('member.identify', { text: text.slice(0, 512), source });
	if (useFindStore.getState().seq !== seq) return;
	if (answer.ok) applyIdentification(answer.value, text);
	else failFind({ kind: 'failed', error: answer.error });
}

/** Opens the card of a member who was chosen from a list. */
export async function openMember(memberId: MemberId): Promise<void> {
	const seq = ask();
	const answer = await services().call('member.open', { memberId });
	if (useFindStore.getState().seq !== seq) return;
	if (answer.ok) openSubject({ kind: 'member', card: answer.value });
	else failFind({ kind: 'failed', error: answer.error });
}

/** Shows a card; a sale that was being typed for another one is given up, and that is said. */
export function openSubject(subject: Subject): void {
	const before = subjectOf(usePlaceStore.getState());
	const { earn } = useEarnStore.getState();
	const isSame = before !== null && idOf(before) === idOf(subject);
	const lostMinor = isSame ? 0 : amountAtRisk(earn);
	if (isSame && placeOf(usePlaceStore.getState()).at === 'member') replaceSubject(subject);
	else enter({ at: 'member', subject });
	if (!isSame || earn.phase === 'given') resetEarn();
	resetFind();
	if (lostMinor > 0)
		raise('attention', { kind: 'sale_dropped', amountMinor: lostMinor, who: before === null ? null : nameOf(before) }, true);
	else if (subject.kind === 'member') raise('found', { kind: 'member', name: subject.card.name, points: subject.card.points });
	else raise('attention', { kind: 'error', error: terminalError('MEMBER-101') });
}

/** Reads the open member's card again; what is typed stays. Anything but an answer leaves the card as it is. */
export async function refreshSubject(): Promise<void> {
	const before = subjectOf(usePlaceStore.getState());
	if (before?.kind !== 'member') return;
	const answer = await services().call('member.open', { memberId: before.card.memberId });
	const now = subjectOf(usePlaceStore.getState());
	if (answer.ok && now !== null && idOf(now) === idOf(before)) replaceSubject({ kind: 'member', card: answer.value });
}

function ask(): number {
	const seq = useFindStore.getState().seq + 1;
	useFindStore.setState({ seq, finding: { kind: 'looking' } });
	return seq;
}

function applyIdentification(answer: Identification, text: string): void {
	switch (answer.kind) {
		case 'found':
			return openSubject({ kind: 'member', card: answer.member });
		case 'unknown_card':
			return openSubject({ kind: 'unknown', barcode: answer.barcode, asOfMs: answer.asOfMs, isLoading: answer.isLoading });
		case 'several':
			goHome();
			useFindStore.setState({ finding: { kind: 'several', text, members: answer.members, hasMore: answer.hasMore, highlighted: 0 } });
			return raise('attention', { kind: 'several', count: answer.members.length });
		default:
			return applyPlainAnswer(answer, text);
	}
}

/** On Ready the answer takes the middle of the screen; elsewhere a strip says it and the work stays as it is. */
function applyPlainAnswer(answer: PlainAnswer, text: string): void {
	const isReady = placeOf(usePlaceStore.getState()).at === 'ready';
	const finding: Finding = isReady ? { kind: 'answer', text, answer } : { kind: 'idle' };
	useFindStore.setState(isReady ? { finding, text: answer.kind === 'nobody' ? text : '' } : { finding });
	if (answer.kind === 'nobody') raise('attention', { kind: 'plain', id: 'nobody' }, !isReady);
	else raise(answer.kind === 'blocked_card' ? 'refused' : 'attention', { kind: 'error', error: terminalError(codeOf(answer)) }, !isReady);
}

/** The code whose sentence answers this. */
export function codeOf(answer: Exclude<PlainAnswer, { kind: 'nobody' }>): ErrorCode {
	switch (answer.kind) {
		case 'blocked_card':
			return 'MEMBER-102';
		case 'wrong_check_digit':
			return 'SCAN-102';
		case 'coupon':
			return 'SCAN-103';
		case 'book':
			return 'SCAN-104';
		case 'unreadable':
			return 'SCAN-101';
		default:
			return unreachable(answer);
	}
}

function failFind(finding: Extract<Finding, { kind: 'failed' }>): void {
	const isReady = placeOf(usePlaceStore.getState()).at === 'ready';
	useFindStore.setState({ finding: isReady ? finding : { kind: 'idle' } });
	raise('refused', { kind: 'error', error: finding.error }, !isReady);
}

function idOf(subject: Subject): string {
	return subject.kind === 'member' ? `member ${subject.card.memberId}` : `card ${subject.barcode}`;
}

function nameOf(subject: Subject): string | null {
	return subject.kind === 'member' ? (subject.card.firstName ?? subject.card.name) : subject.barcode;
}
