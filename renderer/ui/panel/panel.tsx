import { useId } from 'react';
import type { ReactNode } from 'react';
import { cx } from '../class-names.ts';
import styles from './panel.module.css';

type Props = {
	readonly children: ReactNode;
	/** The panel's name, shown above its content. */
	readonly title?: string;
	/** The panel that the screen is about: its name is the heading of the page. */
	readonly isHeading?: boolean;
	/** Beside the title, at the other end. */
	readonly aside?: ReactNode;
	/** Its content is taller than the panel may be, and scrolls. */
	readonly isScrolling?: boolean;
	readonly className?: string | undefined;
};

/** A white card on the paper, with a name. */
export function Panel({ children, title, isHeading = false, aside, isScrolling = false, className }: Props) {
	const titleId = useId();
	const Title = isHeading ? 'h1' : 'h2';
	return (
		<section className={cx(styles['panel'], className)} {...(title === undefined ? {} : { 'aria-labelledby': titleId })}>
			{title === undefined ? null : (
				<header className={styles['head']}>
					<Title id={titleId} className={styles['title']}>
						{title}
					</Title>
					{aside}
				</header>
			)}
			{isScrolling ? (
				<div className={styles['body']} data-scrolls="">
					{children}
				</div>
			) : (
				children
			)}
		</section>
	);
}
