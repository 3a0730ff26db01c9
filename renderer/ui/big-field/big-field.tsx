import { useId } from 'react';
import type { SyntheticEvent } from 'react';
import { cx } from '../class-names.ts';
import { fitting } from '../fitting.ts';
import styles from './big-field.module.css';

type Props = {
	/** `till`: the caret stays at the end. `secret`: dots. */
	readonly kind: 'till' | 'text' | 'secret';
	readonly label: string;
	readonly value: string;
	readonly onChange: (text: string) => void;
	/** After the value, smaller: a currency. */
	readonly suffix?: string;
	/** Under the field: what is known about it, or what is wrong. */
	readonly note: string;
	/** Of the note; `invalid` marks the field too. */
	readonly tone?: 'plain' | 'good' | 'invalid';
	/** Nothing was typed yet: the value is what would be typed. */
	readonly isFaint?: boolean;
	/** The value is an offer: typing replaces it. */
	readonly isSelected?: boolean;
	readonly isReadOnly?: boolean;
};

/** Room for the label, and for the label and a suffix, beside the value. In rem. */
const LABEL_REM = 6;
const LABEL_AND_SUFFIX_REM = 10;

/** The value that a screen is about, as large as it fits. It takes the focus when it appears: typing starts here. */
export function BigField({ kind, label, value, onChange, suffix, note, tone = 'plain', isFaint, isSelected, isReadOnly }: Props) {
	const id = useId();
	const noteId = `${id}-note`;
	const takenRem = suffix === undefined ? LABEL_REM : LABEL_AND_SUFFIX_REM;
	return (
		<div className={cx(styles['field'], styles[tone])}>
			<div className={styles['row']}>
				<span className={styles['line']}>
					<label htmlFor={id} className={styles['label']}>
						{label}
					</label>
					<input
						id={id}
						ref={isSelected === true ? focusAndSelect : focusAtEnd}
						className={cx(styles['input'], isFaint === true && styles['faint'])}
						style={{ fontSize: fitting(value, { maxRem: 5.25, takenRem }) }}
						data-main-field=""
						dir="ltr"
						type={kind === 'secret' ? 'password' : 'text'}
						inputMode="none"
						// One-time codes are what a browser never offers to keep.
						autoComplete={kind === 'secret' ? 'one-time-code' : 'off'}
						spellCheck={false}
						value={value}
						readOnly={isReadOnly}
						aria-invalid={tone === 'invalid'}
						aria-describedby={noteId}
						onChange={(event) => onChange(event.target.value)}
						onSelect={kind === 'till' ? keepCaretAtEnd : undefined}
					/>
					{suffix === undefined ? null : <span className={styles['suffix']}>{suffix}</span>}
				</span>
			</div>
			<p id={noteId} className={styles['note']} aria-live="polite">
				{note}
			</p>
		</div>
	);
}

function focusAtEnd(input: HTMLInputElement | null): void {
	if (input === null) return;
	input.focus();
	input.setSelectionRange(input.value.length, input.value.length);
}

function focusAndSelect(input: HTMLInputElement | null): void {
	input?.focus();
	input?.select();
}

/** A till knows no place inside a number. A selection of the whole is left: typing then starts over. */
function keepCaretAtEnd({ currentTarget: input }: SyntheticEvent<HTMLInputElement>): void {
	const { length } = input.value;
	const isWhole = input.selectionStart === 0 && input.selectionEnd === length;
	if (!isWhole && (input.selectionStart !== length || input.selectionEnd !== length)) input.setSelectionRange(length, length);
}
