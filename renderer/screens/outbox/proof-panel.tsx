import { useOutboxStore } from '../../stores/outbox/outbox-store.ts';
import { openProof } from '../../stores/proof/proof-store.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import { Button } from '../../ui/button/button.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './proof-panel.module.css';

/** Recorded is accepted plus refused plus waiting plus taken back: counted, so that anybody can add it up. */
export function ProofPanel() {
	const { t, number, time } = useText();
	const proof = useOutboxStore((state) => state.proof);
	if (proof === null) return null;
	const { recorded, accepted, refused, refusedOpen, waiting, voided } = proof;
	const isComplete = recorded === accepted + refused + waiting + voided;
	const terms = [accepted, refused, waiting, ...(voided > 0 ? [voided] : [])].map(number).join(' + ');
	return (
		<Panel
			title={t('proof.title')}
			aside={<span className={styles['since']}>{t('proof.since', { time: time(proof.sinceMs) })}</span>}
			className={styles['panel']}
		>
			<dl>
				<Row label={t('proof.recorded')} value={number(recorded)} />
				<Row label={t('proof.accepted')} value={number(accepted)} />
				<Row
					label={refused === 0 ? t('proof.refused_short') : t('proof.refused', { open: refusedOpen, shown: number(refusedOpen) })}
					value={number(refused)}
					isAlarming={refusedOpen > 0}
				/>
				<Row label={t('proof.waiting')} value={number(waiting)} />
				{voided > 0 ? <Row label={t('proof.voided')} value={number(voided)} /> : null}
			</dl>
			<p className={cx(styles['sum'], !isComplete && styles['wrong'])}>
				<span dir="ltr" className={styles['equation']}>{`${number(recorded)} ${isComplete ? '=' : '≠'} ${terms}`}</span>{' '}
				<span className={styles['verdict']}>{t(isComplete ? 'proof.complete' : 'proof.incomplete')}</span>
			</p>
			<div className={styles['open']}>
				<Button isFull onPress={() => void openProof()}>
					{t('proof.open')}
				</Button>
			</div>
		</Panel>
	);
}

function Row({ label, value, isAlarming = false }: { readonly label: string; readonly value: string; readonly isAlarming?: boolean }) {
	return (
		<div className={styles['row']}>
			<dt>{label}</dt>
			<dd className={isAlarming ? styles['alarming'] : undefined}>{value}</dd>
		</div>
	);
}
