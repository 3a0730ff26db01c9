import type { ConsentTerm } from '#shared/domain/programme.ts';
import { discardEnrol, setGranted, takeNextCard, typeEnrol } from '../../stores/enrol/enrol-actions.ts';
import { missingParts } from '../../stores/enrol/enrol-form.ts';
import { hasEnrolDraft, useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import type { EnrolState, Missing } from '../../stores/enrol/enrol-store.ts';
import { showOverlay } from '../../stores/place/place-store.ts';
import { PersonFields } from '../../components/person-fields/person-fields.tsx';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { CheckRow } from '../../ui/check-row/check-row.tsx';
import { TextField } from '../../ui/field/text-field.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './enrol-form.module.css';

/** Card, name, contact, consents. */
export function EnrolForm({ terms }: { readonly terms: readonly ConsentTerm[] }) {
	const { t } = useText();
	const state = useEnrolStore();
	const problemOf = useProblems(state, terms);
	const { form, granted } = state;
	return (
		<Panel
			title={t('enrol.title')}
			isHeading
			isScrolling
			aside={
				hasEnrolDraft(state) ? (
					<Button variant="quiet" onPress={discardEnrol}>
						{t('enrol.discard')}
					</Button>
				) : null
			}
		>
			<div className={styles['fields']}>
				<CardField state={state} problem={problemOf('card')} />
				<PersonFields isMain person={form} problemOf={problemOf} onType={typeEnrol} />
			</div>
			<fieldset className={styles['consents']} aria-label={t('enrol.consents')}>
				{terms.map((term, index) => (
					<CheckRow
						key={term.purpose}
						title={term.title}
						isChecked={granted[term.purpose] === true}
						problem={term.isRequired ? problemOf('terms') : null}
						onChange={(isGranted) => setGranted(term.purpose, isGranted)}
						aside={
							<Button
								variant="quiet"
								label={t('enrol.wording_of', { title: term.title })}
								onPress={() => showOverlay({ kind: 'wording', index })}
							>
								{t('enrol.wording')}
							</Button>
						}
					>
						{term.isRequired ? t('enrol.required', { version: term.version }) : <bdi lang={term.language}>{term.wording}</bdi>}
					</CheckRow>
				))}
			</fieldset>
		</Panel>
	);
}

function CardField({ state, problem }: { readonly state: EnrolState; readonly problem: string | null }) {
	const { t } = useText();
	const { barcode } = state.form;
	return (
		<div className={styles['card']}>
			<TextField
				label={t('enrol.card')}
				value={barcode}
				dir="ltr"
				hint={t('enrol.card_hint')}
				problem={problem}
				after={state.cardFrom === 'scanned' || state.cardFrom === 'block' ? t(`enrol.card_${state.cardFrom}`) : undefined}
				onChange={(text) => typeEnrol('barcode', text)}
			/>
			<Button size="l" onPress={() => void takeNextCard()}>
				{t('enrol.next_card')}
			</Button>
		</div>
	);
}

/** What to write at a field that was missing when Enter was pressed and still is. */
function useProblems(state: EnrolState, terms: readonly ConsentTerm[]): (part: Missing) => string | null {
	const { t } = useText();
	const still = missingParts(state.form, state.granted, terms);
	return (part) => (state.missing.includes(part) && still.includes(part) ? t(`missing.${part}`) : null);
}
