import { ErrorNote } from '../../components/note/note.tsx';
import { MemberName } from '../../components/member-name.tsx';
import { openMember } from '../../stores/find/find-actions.ts';
import { useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import type { Suspect } from '../../stores/enrol/enrol-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { EnterIcon } from '../../ui/icons/icons.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './enrol-side.module.css';

/** Who may be this person already, and the one action. */
export function EnrolSide() {
	const { t } = useText();
	const { suspects, problem, isSending, form } = useEnrolStore();
	const firstName = form.firstName.trim();
	return (
		<div className={styles['side']}>
			<Panel title={t('suspects.title')} isScrolling className={styles['suspects']}>
				<div aria-live="polite" className={styles['list']}>
					{suspects.map((suspect) => (
						<SuspectCard key={suspect.memberId} suspect={suspect} />
					))}
				</div>
				<p className={styles['foot']}>{suspects.length === 0 ? t('suspects.none') : t('suspects.found')}</p>
			</Panel>
			{problem === null ? null : <ErrorNote error={problem} />}
			<Button
				variant="main"
				size="xl"
				isFull
				type="submit"
				isBusy={isSending}
				keyCap={
					<>
						{t('key.enter')} <EnterIcon size="1.1em" />
					</>
				}
			>
				{firstName === '' ? t('enrol.do') : t('enrol.do_name', { name: firstName })}
			</Button>
		</div>
	);
}

function SuspectCard({ suspect }: { readonly suspect: Suspect }) {
	const { t, number } = useText();
	const because = [t(`because.${suspect.because}`), suspect.cardEnd === null ? '' : t('mark.card_end', { end: suspect.cardEnd })];
	const known = [
		suspect.memberSinceMs === null ? '' : t('mark.since', { year: String(new Date(suspect.memberSinceMs).getFullYear()) }),
		t('suspects.points', { points: suspect.points, shown: number(suspect.points) }),
	];
	return (
		<div className={styles['suspect']}>
			<p className={styles['name']}>
				<MemberName name={suspect.name} />
			</p>
			<p className={styles['facts']}>{join(because)}</p>
			<p className={styles['facts']}>{join(known)}</p>
			<Button variant="dark" onPress={() => void openMember(suspect.memberId)}>
				{t('suspects.open')}
			</Button>
		</div>
	);
}

function join(facts: readonly string[]): string {
	return facts.filter((fact) => fact !== '').join(' · ');
}
