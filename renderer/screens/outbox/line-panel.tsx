import type { Status } from '#shared/bridge/session-calls.ts';
import { syncNow } from '../../stores/session/session-actions.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { Progress } from '../../ui/progress/progress.tsx';
import styles from './line-panel.module.css';

/** A clock that differs from headquarters' by more than this is told. */
const SKEW_TOLD_MS = 60_000;

/** How the line to headquarters is, in one sentence and what follows from it. */
export function LinePanel() {
	const text = useText();
	const { t, error } = text;
	const status = useSessionStore((state) => state.status);
	const nowMs = useSessionStore((state) => state.nowMs);
	if (status === null) return null;
	const { work } = status;
	return (
		<Panel
			title={t('line.title')}
			aside={
				<Button variant="quiet" onPress={() => void syncNow()}>
					{t('line.try_now')}
				</Button>
			}
		>
			<p className={styles['state']}>{lineTitle(status, nowMs, text)}</p>
			<p className={styles['words']}>
				{status.line === 'refused' && status.error !== null ? error(status.error.code).body : lineBody(status, nowMs, text)}
			</p>
			{work === null ? null : (
				<div className={styles['work']}>
					<Progress
						label={t(`work.${work.kind}`)}
						part={work.total > 0 ? work.done / work.total : null}
						valueText={t('work.of', { done: text.number(work.done), total: text.number(work.total) })}
					/>
				</div>
			)}
			{Math.abs(status.clockSkewMs) > SKEW_TOLD_MS ? (
				<p className={styles['skew']}>{t('line.skew', { span: text.span(Math.abs(status.clockSkewMs)) })}</p>
			) : null}
		</Panel>
	);
}

function lineTitle(status: Status, nowMs: number, { t, span }: Text): string {
	if (status.line === 'offline' && status.offlineSinceMs !== null)
		return t('line.offline_for', { span: span(nowMs - status.offlineSinceMs) });
	return t(`line.${status.line}`);
}

function lineBody(status: Status, nowMs: number, { t, span, moment }: Text): string {
	const next = status.nextTryAtMs;
	const tries = next !== null && next > nowMs && status.line !== 'online' ? t('line.next_try', { span: span(next - nowMs) }) : '';
	if (status.line === 'online') {
		return status.lastPushAtMs === null ? t('line.nothing_sent') : t('line.last_push', { time: moment(status.lastPushAtMs, nowMs) });
	}
	return [tries, t('line.nothing_lost')].filter((part) => part !== '').join(' ');
}
