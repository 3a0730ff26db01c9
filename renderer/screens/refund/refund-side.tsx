import { SaleWords } from '../../components/sale-lines/sale-lines.tsx';
import { chooseSale, moveSaleHighlight, openRefund, setPart } from '../../stores/refund/refund-actions.ts';
import type { RefundState } from '../../stores/refund/refund-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { cx } from '../../ui/class-names.ts';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './refund-side.module.css';

/** Beside the number: sales to choose from, the sale with the choice of whole or part, or what was done. */
export function RefundSide({ refund }: { readonly refund: RefundState }) {
	switch (refund.phase) {
		case 'receipt':
			return <RecentReceipts />;
		case 'choose':
			return <SeveralSales refund={refund} />;
		case 'amount':
			return <WholeOrPart refund={refund} />;
		case 'done':
			return <Done refund={refund} />;
	}
}

/** The receipts of this shift: the usual refund is of a sale of a moment ago. */
function RecentReceipts() {
	const { t, time, signed } = useText();
	const served = useSessionStore((state) => state.shift)?.justServed ?? [];
	const receipts = served.filter((line) => line.action === 'checkout' && line.receiptNumber !== null);
	return (
		<Panel title={t('refund.recent')} isScrolling>
			{receipts.length === 0 ? <p className={styles['words']}>{t('refund.recent_none')}</p> : null}
			<ul className={styles['list']}>
				{receipts.map((line) => (
					<li key={line.eventId}>
						<Button isFull size="l" onPress={() => void openRefund(line.receiptNumber)}>
							<span className={styles['recent']}>
								<span className={styles['receipt']}>{line.receiptNumber}</span>
								<span className={styles['words']}>{[time(line.atMs), line.initials, signed(line.points)].join(' · ')}</span>
							</span>
						</Button>
					</li>
				))}
			</ul>
		</Panel>
	);
}

function SeveralSales({ refund }: { readonly refund: Extract<RefundState, { phase: 'choose' }> }) {
	const { t } = useText();
	const nowMs = useSessionStore((state) => state.nowMs);
	return (
		<Panel title={t('refund.several', { count: refund.sales.length })} isScrolling>
			<ul className={styles['list']}>
				{refund.sales.map((sale, index) => (
					<li key={sale.eventId} className={cx(styles['sale'], index === refund.highlighted && styles['highlighted'])}>
						<SaleWords sale={sale} nowMs={nowMs} />
						<Button onPress={() => chooseSale(sale)}>{t('refund.choose_this')}</Button>
					</li>
				))}
			</ul>
			<div className={styles['arrows']}>
				<Button keyCap="↑" onPress={() => moveSaleHighlight(-1)}>
					{t('refund.up')}
				</Button>
				<Button keyCap="↓" onPress={() => moveSaleHighlight(1)}>
					{t('refund.down')}
				</Button>
			</div>
		</Panel>
	);
}

function WholeOrPart({ refund }: { readonly refund: Extract<RefundState, { phase: 'amount' }> }) {
	const { t } = useText();
	const nowMs = useSessionStore((state) => state.nowMs);
	const isWhole = refund.partMinor === null;
	return (
		<Panel title={t('refund.found')}>
			<div className={styles['sale']}>
				<SaleWords sale={refund.sale} nowMs={nowMs} />
			</div>
			<fieldset aria-label={t('refund.how_much')} className={styles['choice']}>
				<button type="button" aria-pressed={isWhole} className={styles['option']} onClick={() => setPart(null)}>
					{t('refund.whole')}
				</button>
				<button type="button" aria-pressed={!isWhole} className={styles['option']} onClick={() => setPart(refund.partMinor ?? 0)}>
					{t('refund.part')}
				</button>
			</fieldset>
			<p className={styles['words']}>{refund.sale.canVoid ? t('refund.not_sent') : t('refund.sent')}</p>
		</Panel>
	);
}

function Done({ refund }: { readonly refund: Extract<RefundState, { phase: 'done' }> }) {
	const { t, signed } = useText();
	const nowMs = useSessionStore((state) => state.nowMs);
	return (
		<Panel title={t(refund.isVoid ? 'refund.done_void' : 'refund.done')}>
			<p className={styles['points']}>{signed(-refund.points)}</p>
			<p className={styles['taken']}>{t('refund.taken', { points: refund.points })}</p>
			<div className={styles['sale']}>
				<SaleWords sale={refund.sale} nowMs={nowMs} />
			</div>
		</Panel>
	);
}
