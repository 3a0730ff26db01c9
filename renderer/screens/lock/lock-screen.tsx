import type { Session } from '#shared/bridge/session-calls.ts';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { canUnlock, chooseCashier, pressPinPad, typePin, unlock, whoUnlocks } from '../../stores/lock/lock-actions.ts';
import { useLockStore } from '../../stores/lock/lock-store.ts';
import { hasEnrolDraft, useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { BigField } from '../../ui/big-field/big-field.tsx';
import { Button } from '../../ui/button/button.tsx';
import { EnterIcon, LockIcon } from '../../ui/icons/icons.tsx';
import { NumberPad } from '../../ui/number-pad/number-pad.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './lock-screen.module.css';

/** Nobody works here until somebody says who they are. Nothing of a member is on this screen. */
export function LockScreen() {
	const { t, error } = useText();
	const { cashierId: chosenId, pin, isChecking, problem } = useLockStore();
	const cashiers = useSessionStore((state) => state.session?.cashiers) ?? [];
	const cashierId = whoUnlocks(chosenId, cashiers);
	const isEnrolmentKept = useEnrolStore(hasEnrolDraft);
	return (
		<div className={styles['lock']}>
			<Panel>
				<div className={styles['head']}>
					<span className={styles['icon']}>
						<LockIcon size="2rem" />
					</span>
					<h1 className={styles['title']}>{t('lock.title')}</h1>
				</div>
				<Cashiers chosenId={cashierId} cashiers={cashiers} />
				{isEnrolmentKept ? <p className={styles['kept']}>{t('lock.enrolment_kept')}</p> : null}
			</Panel>
			<Panel title={t('lock.pin_title')}>
				<form
					className={styles['form']}
					data-main-form=""
					onSubmit={(event) => {
						event.preventDefault();
						void unlock();
					}}
				>
					<BigField
						key={cashierId}
						kind="secret"
						label={t('lock.pin')}
						value={pin}
						tone={problem === null ? 'plain' : 'invalid'}
						note={problem === null ? t(cashierId === null ? 'lock.choose_first' : 'lock.pin_hint') : error(problem.code).title}
						onChange={typePin}
					/>
					<NumberPad label={t('pad.name')} backLabel={t('pad.back')} hasDoubleZero={false} isDisabled={isChecking} onKey={pressPinPad} />
					<Button
						variant="main"
						size="xl"
						isFull
						type="submit"
						isBusy={isChecking}
						isDisabled={!isChecking && !canUnlock({ cashierId, pin, isChecking })}
						keyCap={
							<>
								{t('key.enter')} <EnterIcon size="1.1em" />
							</>
						}
					>
						{t('lock.unlock')}
					</Button>
				</form>
			</Panel>
		</div>
	);
}

function Cashiers({ chosenId, cashiers }: { readonly chosenId: string | null; readonly cashiers: Session['cashiers'] }) {
	const { t } = useText();
	return (
		<RadioGroup aria-label={t('lock.who')} value={chosenId} onChange={chooseCashier} className={styles['cashiers'] ?? ''} data-scrolls="">
			{cashiers.map((cashier) => (
				<RadioField key={cashier.id} value={cashier.id} className={styles['field'] ?? ''}>
					<RadioButton className={styles['cashier'] ?? ''}>
						<span className={styles['avatar']} aria-hidden="true">
							{cashier.initials}
						</span>
						<bdi dir="auto" className={styles['name']} data-ellipsis="">
							{cashier.displayName}
						</bdi>
						<span className={styles['role']}>{t(`role.${cashier.role}`)}</span>
					</RadioButton>
				</RadioField>
			))}
		</RadioGroup>
	);
}
