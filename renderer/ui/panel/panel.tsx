import { useId } from 'react';
import type { ReactNode } from 'react';
import { cx } from '../class-names.ts';
import styles from './panel.module.css';

type Props = {
	readonly children: ReactNode;
	/** The panel's name, shown above its content. */
	readonly title?: string;
	/** Beside the title, at the other end. */
	readonly aside?: ReactNode;
	/** Its content is taller than the panel may be, and scrolls. */
	readonly isScrolling?: boolean;
	readonly className?: string | undefined;
};

/** A white card on the paper, with a name. */
export function Panel({ children, title, aside, isScrolling = false, className }: Props) {
	const titleId = useId();
	return (
		<section
			className={cx(styles['panel'], isScrolling && styles['scrolling'], className)}
			{...(title === undefined ? {} : { 'aria-labelledby': titleId })}
		>
			{title === undefined ? null : (
				<header className={styles['head']}>
					<h2 id={titleId} className={styles['title']}>
						{title}
					</h2>
					{aside}
				</header>
			)}
			{children}
		</section>
	);
}
