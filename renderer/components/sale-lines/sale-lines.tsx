import type { RefundableSale } from '#shared/bridge/sale-calls.ts';
import { useText } from '../../text/use-text.ts';
import styles from './sale-lines.module.css';

/** One sale in two lines: who and when, how much and how many points. */
export function SaleWords({ sale, nowMs }: { readonly sale: RefundableSale; readonly nowMs: number }) {
	const { t, money, number, moment } = useText();
	return (
		<span className={styles['sale']}>
			<span className={styles['title']}>{t('refund.sale', { receipt: sale.receiptNumber, initials: sale.memberInitials })}</span>
			<span className={styles['detail']}>
				{[
					moment(sale.atMs, nowMs),
					money(sale.amountMinor, sale.currency),
					t('refund.points', { points: sale.points, shown: number(sale.points) }),
				].join(' · ')}
			</span>
			{sale.refundedMinor > 0 ? (
				<span className={styles['refunded']}>{t('refund.before', { amount: money(sale.refundedMinor, sale.currency) })}</span>
			) : null}
		</span>
	);
}
