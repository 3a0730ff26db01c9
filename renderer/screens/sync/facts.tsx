import { cx } from '../../ui/class-names.ts';
import type { Fact } from './sync-facts.ts';
import styles from './facts.module.css';

/** A few facts under a name. */
export function Facts({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
	return (
		<section className={styles['block']}>
			<h2 className={styles['title']}>{title}</h2>
			<dl>
				{facts.map(({ label, value, tone }) => (
					<div key={label} className={styles['fact']}>
						<dt>{label}</dt>
						<dd className={cx(tone !== undefined && styles[tone])}>{value}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}
