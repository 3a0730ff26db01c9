import type { ProofSheet, Sums } from '#shared/bridge/outbox-calls.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import styles from './proof-table.module.css';

const COLUMNS = ['recorded', 'accepted', 'refused', 'waiting', 'voided'] as const satisfies readonly (keyof Sums)[];
const HEADS = {
	recorded: 'proof.recorded',
	accepted: 'proof.accepted',
	refused: 'proof.refused_short',
	waiting: 'proof.waiting',
	voided: 'proof.voided',
} as const;

/** The proof as a table of entries and of points under it, one line per cashier and one for all: anybody can add it up. */
export function ProofTable({ sheet }: { readonly sheet: ProofSheet }) {
	const { t, moment } = useText();
	const { outletName, terminalName, sinceMs, madeAtMs } = sheet;
	return (
		<>
			<p className={styles['place']}>
				<bdi>{t('proof.place', { outlet: outletName, terminal: terminalName })}</bdi>
			</p>
			<p className={styles['span']}>{t('proof.span', { since: moment(sinceMs, 0), made: moment(madeAtMs, 0) })}</p>
			<SumsTable title={t('proof.entries')} of="entries" sheet={sheet} />
			<Closed sheet={sheet} />
			<SumsTable title={t('proof.points')} of="points" sheet={sheet} />
			<p className={styles['equation']}>{t('proof.equation')}</p>
		</>
	);
}

/** What was refused and closed, by whom and why: the refusals of the day that nobody is to look at any more. */
function Closed({ sheet: { closed, madeAtMs } }: { readonly sheet: ProofSheet }) {
	const { t, moment, name, number } = useText();
	if (closed.length === 0) return null;
	return (
		<section>
			<h3 className={styles['closed-title']}>{t('proof.closed')}</h3>
			<ul>
				{closed.map((entry) => (
					<li key={entry.eventId} className={styles['closed']}>
						<span className={styles['closed-what']}>
							{t('entry.what', { action: entry.action, receipt: entry.receiptNumber ?? '' })}
							{entry.points === 0 ? null : (
								<span className={styles['closed-points']}>
									{' '}
									· {t('entry.points', { points: entry.points, shown: number(entry.points) })}
								</span>
							)}
						</span>
						<span>
							{moment(entry.atMs, madeAtMs)} · {t('life.closed', { cashier: name(entry.by), because: entry.because })}
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}

function SumsTable({ title, of, sheet }: { readonly title: string; readonly of: 'entries' | 'points'; readonly sheet: ProofSheet }) {
	const { t } = useText();
	return (
		<table className={styles['table']}>
			<caption>{title}</caption>
			<thead>
				<tr>
					<th scope="col">{t('proof.cashier')}</th>
					{COLUMNS.map((column) => (
						<th key={column} scope="col" className={styles['number']}>
							{t(HEADS[column])}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{sheet.byCashier.map((line) => (
					<SumsLine key={line.cashier} name={line.cashier === '' ? t('proof.nobody') : line.cashier} sums={line[of]} />
				))}
			</tbody>
			<tfoot>
				<SumsLine name={t('proof.total')} sums={sheet[of]} />
			</tfoot>
		</table>
	);
}

function SumsLine({ name, sums }: { readonly name: string; readonly sums: Sums }) {
	const { number } = useText();
	const isComplete = sums.recorded === sums.accepted + sums.refused + sums.waiting + sums.voided;
	return (
		<tr className={cx(!isComplete && styles['wrong'])}>
			<th scope="row">
				<bdi>{name}</bdi>
			</th>
			{COLUMNS.map((column) => (
				<td key={column} className={styles['number']}>
					{number(sums[column])}
				</td>
			))}
		</tr>
	);
}
