import type { HTMLAttributes, ReactNode } from 'react';
import { FieldError, Input, Label, TextField as AriaTextField } from 'react-aria-components';
import { cx } from '../class-names.ts';
import styles from './text-field.module.css';

type Props = {
	readonly label: string;
	readonly value: string;
	readonly onChange: (text: string) => void;
	/** At the end inside the field. */
	readonly after?: ReactNode;
	readonly hint?: string;
	/** What is wrong with it; marks the field. */
	readonly problem?: string | null;
	readonly inputMode?: HTMLAttributes<HTMLInputElement>['inputMode'];
	/** Numbers, addresses and codes are written from left to right in every script; names as their letters say. */
	readonly dir?: 'auto' | 'ltr';
	/** Typing that has no other place goes here. */
	readonly isMain?: boolean;
	/** Has the focus when it appears: the first field of a place that the cashier has just entered. */
	readonly takesFocus?: boolean;
	readonly className?: string | undefined;
};

/** A text field under its label. */
export function TextField({ label, value, onChange, after, hint, problem = null, ...rest }: Props) {
	return (
		<AriaTextField className={cx(styles['field'], rest.className)} value={value} onChange={onChange} isInvalid={problem !== null}>
			<Label className={styles['label'] ?? ''}>{label}</Label>
			<span className={styles['box']}>
				<Input
					ref={rest.takesFocus === true ? focus : null}
					className={styles['input'] ?? ''}
					inputMode={rest.inputMode ?? 'text'}
					dir={rest.dir ?? 'auto'}
					autoComplete="off"
					autoCorrect="off"
					spellCheck={false}
					{...(hint === undefined ? {} : { placeholder: hint })}
					{...(rest.isMain === true ? { 'data-main-field': '' } : {})}
				/>
				{after === undefined ? null : <span className={styles['after']}>{after}</span>}
			</span>
			<FieldError className={styles['problem'] ?? ''}>{problem}</FieldError>
		</AriaTextField>
	);
}

function focus(input: HTMLInputElement | null): void {
	input?.focus();
}
