import { useEffect } from 'react';
import { askedConsents, confirmEnrol, findSuspects } from '../../stores/enrol/enrol-actions.ts';
import { useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { focusFirstProblem } from '../../ui/field/focus-first-problem.ts';
import { EnrolForm } from './enrol-form.tsx';
import { EnrolSide } from './enrol-side.tsx';
import styles from './enrol-screen.module.css';

/** Typing pauses shorter than this do not ask for duplicates. */
const SUSPECTS_AFTER_MS = 180;

/** A walk-in becomes a member on one page. What is typed survives every other screen and the lock. */
export function EnrolScreen() {
	useSuspects();
	const session = useSessionStore((state) => state.session);
	return (
		<form
			className={styles['enrol']}
			data-main-form=""
			onSubmit={(event) => {
				event.preventDefault();
				const form = event.currentTarget;
				void confirmEnrol().then(() => focusFirstProblem(form));
			}}
		>
			<EnrolForm terms={askedConsents(session)} />
			<EnrolSide />
		</form>
	);
}

/** Asks for duplicates when the typing pauses. A subscription to the form, not a copy of it. */
function useSuspects(): void {
	const form = useEnrolStore((state) => state.form);
	useEffect(() => {
		const timer = window.setTimeout(() => void findSuspects(), SUSPECTS_AFTER_MS);
		return () => window.clearTimeout(timer);
	}, [form]);
}
