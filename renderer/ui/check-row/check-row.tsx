import { useId } from 'react';
import type { ReactNode } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components';
import { CheckIcon } from '../icons/icons.tsx';
import styles from './check-row.module.css';

type Props = {
	readonly title: string;
	readonly isChecked: boolean;
	readonly onChange: (isChecked: boolean) => void;
	/** Under the title: what is agreed to. */
	readonly children: ReactNode;
	readonly problem?: string | null;
	/** At the other end of the row. */
	readonly aside?: ReactNode;
};

/** A tick with a title and the words that it stands for; the whole row is the target. */
export function CheckRow({ title, isChecked, onChange, children, problem = null, aside }: Props) {
	const detailId = useId();
	return (
		<div className={styles['row']}>
			<CheckboxField
				className={styles['field'] ?? ''}
				isSelected={isChecked}
				onChange={onChange}
				isInvalid={problem !== null}
				aria-label={title}
				aria-describedby={detailId}
			>
				<CheckboxButton className={styles['check'] ?? ''}>
					<span className={styles['box']}>
						<CheckIcon size="1.25rem" />
					</span>
					<span className={styles['words']}>
						<span className={styles['title']}>{title}</span>
						<span id={detailId} className={styles['detail']}>
							{problem === null ? children : <span className={styles['problem']}>{problem}</span>}
						</span>
					</span>
				</CheckboxButton>
			</CheckboxField>
			{aside}
		</div>
	);
}
