import type { KeyboardEvent } from 'react';
import { lineId } from '../../components/member-list/member-list.tsx';
import { confirmFind, moveHighlight, typeFind } from '../../stores/find/find-actions.ts';
import { useFindStore } from '../../stores/find/find-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import styles from './find-bar.module.css';

/** The id of the list that the search box owns. */
export const FOUND_LIST_ID = 'found-members';

/** The search box: number, phone, e-mail or name. It keeps the focus while the arrows choose among several. */
export function FindBar() {
	const { t } = useText();
	const text = useFindStore((state) => state.text);
	const highlighted = useFindStore(({ finding }) => (finding.kind === 'several' ? finding.highlighted : null));
	return (
		<search>
			<form
				className={styles['bar']}
				data-main-form=""
				onSubmit={(event) => {
					event.preventDefault();
					void confirmFind();
				}}
			>
				<input
					ref={focus}
					className={styles['input']}
					data-main-field=""
					role="combobox"
					aria-label={t('find.label')}
					aria-expanded={highlighted !== null}
					aria-controls={FOUND_LIST_ID}
					aria-autocomplete="none"
					aria-activedescendant={highlighted === null ? undefined : lineId(FOUND_LIST_ID, highlighted)}
					autoComplete="off"
					spellCheck={false}
					dir={text === '' ? undefined : 'auto'}
					maxLength={512}
					placeholder={t('find.hint')}
					value={text}
					onChange={(event) => typeFind(event.target.value)}
					onKeyDown={highlighted === null ? undefined : moveByArrow}
				/>
				<Button variant="dark" size="l" type="submit">
					{highlighted === null ? t('find.do') : t('find.open')}
				</Button>
			</form>
		</search>
	);
}

function moveByArrow(event: KeyboardEvent): void {
	if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
	event.preventDefault();
	moveHighlight(event.key === 'ArrowDown' ? 1 : -1);
}

function focus(input: HTMLInputElement | null): void {
	input?.focus({ preventScroll: true });
}
