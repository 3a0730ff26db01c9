import type { Shift } from '#shared/bridge/session-calls.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './shift-panels.module.css';

const NOTHING: Shift = { salesWithCard: 0, enrolled: 0, pointsGiven: 0, justServed: [] };

/** What this shift did and who was just served, by initials: others see this screen. */
export function ShiftPanels() {
	const { t, number } = useText();
	const shift = useSessionStore((state) => state.shift) ?? NOTHING;
	return (
		<div className={styles['side']}>
			<Panel title={t('shift.title')}>
				<dl className={styles['numbers']}>
					<Figure value={number(shift.salesWithCard)} label={t('shift.sales')} />
					<Figure value={number(shift.enrolled)} label={t('shift.enrolled')} />
					<Figure value={number(shift.pointsGiven)} label={t('shift.points')} />
				</dl>
			</Panel>
			<Panel title={t('shift.just_served')} className={styles['served']}>
				{shift.justServed.length === 0 ? (
					<p className={styles['empty']}>{t('shift.nobody_yet')}</p>
				) : (
					<ul data-whole-lines="">
						{shift.justServed.map((line) => (
							<ServedLine key={line.eventId} line={line} />
						))}
					</ul>
				)}
			</Panel>
		</div>
	);
}

function Figure({ value, label }: { readonly value: string; readonly label: string }) {
	return (
		<div className={styles['figure']}>
			<dt>{label}</dt>
			<dd>{value}</dd>
		</div>
	);
}

function ServedLine({ line }: { readonly line: Shift['justServed'][number] }) {
	const { t, time, signed } = useText();
	const isNew = line.action === 'opt_in';
	return (
		<li className={styles['line']}>
			<span className={styles['avatar']} aria-hidden="true">
				{line.initials}
			</span>
			<span className={styles['who']}>
				<span className={styles['name']}>
					<bdi>{spelled(line.initials)}</bdi>
				</span>
				<span
					className={styles['when']}
				>{`${time(line.atMs)} · ${t('served.what', { action: line.action, receipt: line.receiptNumber ?? '' })}`}</span>
			</span>
			<span className={styles['points']}>{isNew && line.points === 0 ? t('served.new') : signed(line.points)}</span>
		</li>
	);
}

function spelled(initials: string): string {
	const letters = Array.from(initials);
	return letters.length === 0 ? '–' : letters.map((letter) => `${letter}.`).join(' ');
}
