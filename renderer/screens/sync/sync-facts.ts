import type { Night, Status } from '#shared/bridge/session-calls.ts';
import { CLOCK_TOLD_MS } from '../../components/line-words.ts';
import type { Text } from '../../text/text.ts';

/** One line of a block of facts. */
export type Fact = { readonly label: string; readonly value: string; readonly tone?: 'alarming' | 'attention' | undefined };

/** Less than this is what messages take on their way. */
const CLOCK_RIGHT_MS = 2000;

export function contactFacts(status: Status, nowMs: number, { t, moment, span }: Text): readonly Fact[] {
	const at = (ms: number | null): string => (ms === null ? t('sync.never') : moment(ms, nowMs));
	const next = status.nextTryAtMs;
	return [
		{ label: t('sync.last_push'), value: at(status.lastPushAtMs) },
		{ label: t('sync.last_pull'), value: at(status.lastPullAtMs) },
		next === null || next <= nowMs
			? { label: t('sync.next_pull'), value: nextPullWords(status, nowMs, { t, span }) }
			: { label: t('sync.next_try'), value: t('sync.in', { span: span(next - nowMs) }) },
	];
}

/** A moment that has just passed is one that is under way: the row stays, so that nothing below it moves. */
function nextPullWords({ line, nextPullAtMs, isPullHeld }: Status, nowMs: number, { t, span }: Pick<Text, 't' | 'span'>): string {
	if (line !== 'online') return '–';
	if (isPullHeld) return t('sync.pull_held');
	return nextPullAtMs === null || nextPullAtMs <= nowMs ? t('sync.pull_now') : t('sync.in', { span: span(nextPullAtMs - nowMs) });
}

/** What the work of the quiet hours did last, in sentences. */
export function nightWords(night: Night, nowMs: number, text: Text): readonly string[] {
	const { t, moment } = text;
	return [
		night.doneAtMs === null ? t('sync.night_never') : t('sync.night_last', { at: moment(night.doneAtMs, nowMs) }),
		...(night.compared === null ? [] : [comparedWords(night.compared, nowMs, text)]),
	];
}

type Compared = NonNullable<Night['compared']>;

function comparedWords({ atMs, members, differed, notCompared }: Compared, nowMs: number, { t, number, moment }: Text): string {
	const at = moment(atMs, nowMs);
	if (differed > 0) return t('sync.compared_differed', { at, parts: differed });
	if (notCompared > 0) return t('sync.compared_most', { at, parts: notCompared });
	return t('sync.compared_same', { at, members: number(members) });
}

export function memberFacts({ members }: Status, nowMs: number, { t, number, moment, span }: Text): readonly Fact[] {
	if (members.phase === 'empty') return [{ label: t('sync.members_count'), value: t('sync.members_none') }];
	return [
		{ label: t('sync.members_count'), value: number(members.rows) },
		...(members.phase === 'loading'
			? []
			: [
					{ label: t('sync.members_as_of'), value: moment(members.asOfMs, nowMs) },
					{ label: t('sync.members_age'), value: span(nowMs - members.asOfMs) },
				]),
	];
}

export function waitingFacts({ waiting, needsPerson }: Status, { t, number }: Text): readonly Fact[] {
	return [
		{ label: t('sync.waiting'), value: number(waiting), tone: waiting > 0 ? 'attention' : undefined },
		{ label: t('sync.needs_person'), value: number(needsPerson), tone: needsPerson > 0 ? 'alarming' : undefined },
	];
}

/** `clockSkewMs` is headquarters' clock minus ours: below nought ours is ahead. */
export function clockFacts({ clockSkewMs, lastPushAtMs, lastPullAtMs }: Status, nowMs: number, { t, span, moment }: Text): readonly Fact[] {
	const hasMet = lastPushAtMs !== null || lastPullAtMs !== null || clockSkewMs !== 0;
	if (!hasMet) return [{ label: t('sync.clock_hq'), value: t('sync.never') }];
	const offMs = Math.abs(clockSkewMs);
	const off =
		offMs < CLOCK_RIGHT_MS ? t('sync.clock_right') : t('sync.clock_off', { span: span(offMs), way: clockSkewMs < 0 ? 'ahead' : 'behind' });
	return [
		{ label: t('sync.clock'), value: off, tone: offMs > CLOCK_TOLD_MS ? 'alarming' : undefined },
		{ label: t('sync.clock_hq'), value: moment(nowMs + clockSkewMs, nowMs) },
	];
}
