import { useEffect } from 'react';
import { PersonFields } from '../../components/person-fields/person-fields.tsx';
import { MemberName } from '../../components/member-name.tsx';
import {
	confirmCorrectEnrolment,
	findOthers,
	missingInCorrection,
	takeNextCorrectCard,
	typeCorrectEnrolment,
	useCorrectEnrolmentStore,
} from '../../stores/correct/correct-enrolment.ts';
import type { Missing, Suspect } from '../../stores/enrol/enrol-store.ts';
import { focusFirstProblem } from '../../ui/field/focus-first-problem.ts';
import { openMember } from '../../stores/find/find-actions.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { TextField } from '../../ui/field/text-field.tsx';
import { EntryForm } from './entry-form.tsx';
import styles from './correction.module.css';

/** Typing pauses shorter than this do not ask for duplicates. */
const OTHERS_AFTER_MS = 180;

/** A refused enrolment as it should have been: the fields of the enrolment. Enter records it. Consents stay as they were given. */
export function CorrectEnrolment({ onClose }: { readonly onClose: () => void }) {
	const { t } = useText();
	const { form, missing, suspects, isSending, problem } = useCorrectEnrolmentStore();
	const still = missingInCorrection(form);
	const problemOf = (part: Missing): string | null => (missing.includes(part) && still.includes(part) ? t(`missing.${part}`) : null);
	useEffect(() => {
		const timer = window.setTimeout(() => void findOthers(), OTHERS_AFTER_MS);
		return () => window.clearTimeout(timer);
	}, [form]);
	return (
		<Dialog title={t('correct.enrolment_title')} closeLabel={t('keymap.close')} onClose={onClose}>
			<EntryForm
				does={t('correct.do')}
				isSending={isSending}
				problem={problem}
				onSubmit={(form) => void confirmCorrectEnrolment().then(() => focusFirstProblem(form))}
			>
				<p className={styles['hint']}>{t('correct.enrolment_hint')}</p>
				<div className={styles['card']}>
					<TextField
						takesFocus
						label={t('enrol.card')}
						hint={t('enrol.card_hint')}
						value={form.barcode}
						dir="ltr"
						problem={problemOf('card')}
						onChange={(text) => typeCorrectEnrolment('barcode', text)}
					/>
					<Button size="l" onPress={() => void takeNextCorrectCard()}>
						{t('enrol.next_card')}
					</Button>
				</div>
				<PersonFields person={form} problemOf={problemOf} onType={typeCorrectEnrolment} />
				<Others suspects={suspects} />
			</EntryForm>
		</Dialog>
	);
}

/** Others who may be this person: the one reason why an enrolment should rather be closed. */
function Others({ suspects }: { readonly suspects: readonly Suspect[] }) {
	const { t } = useText();
	return (
		<div aria-live="polite" className={styles['whole']}>
			{suspects.length === 0 ? null : (
				<section className={styles['others']}>
					<h3 className={styles['others-title']}>{t('suspects.title')}</h3>
					<ul>
						{suspects.slice(0, 2).map((suspect) => (
							<li key={suspect.memberId} className={styles['other']}>
								<span className={styles['other-name']}>
									<MemberName name={suspect.name} />
								</span>
								<span className={styles['because']}>
									{[t(`because.${suspect.because}`), suspect.cardEnd === null ? '' : t('mark.card_end', { end: suspect.cardEnd })]
										.filter((fact) => fact !== '')
										.join(' · ')}
								</span>
								<Button onPress={() => void openMember(suspect.memberId)}>{t('suspects.open')}</Button>
							</li>
						))}
					</ul>
				</section>
			)}
		</div>
	);
}
