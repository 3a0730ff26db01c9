import type { Status } from '#shared/bridge/session-calls.ts';
import type { Text } from '../text/text.ts';

/** `412,000 of 1,000,000 · 18,500 a second · 32 s left`; what is not known yet is left out. */
export function workWords(work: NonNullable<Status['work']>, { t, number, span }: Text): string {
	const amount = (value: number) =>
		work.unit === 'bytes' ? t('work.megabytes', { value: number(Math.round(value / 1_000_000)) }) : number(value);
	const parts: string[] = [];
	if (work.total > 0) parts.push(t('work.of', { done: amount(work.done), total: amount(work.total) }));
	else if (work.done > 0) parts.push(amount(work.done));
	if (work.ratePerS !== null) parts.push(t('work.rate', { rate: amount(Math.round(work.ratePerS)) }));
	if (work.etaMs !== null) parts.push(t('work.left', { span: span(work.etaMs) }));
	return parts.join(' · ');
}
