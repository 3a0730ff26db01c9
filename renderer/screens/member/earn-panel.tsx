import type { Programme } from '#shared/domain/programme.ts';
import { useEarnStore } from '../../stores/earn/earn-store.ts';
import type { Subject } from '../../stores/place/place-store.ts';
import { useText } from '../../text/use-text.ts';
import { Note } from '../../components/note/note.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { EarnForm } from './earn-form.tsx';
import { EarnGiven, EarnRefused, EarnRepeat } from './earn-outcome.tsx';

type Props = { readonly subject: Subject; readonly programme: Programme | null };

/** The sale: typing it, what became of it, and the way back. */
export function EarnPanel({ subject, programme }: Props) {
	const { t } = useText();
	const earn = useEarnStore((state) => state.earn);
	if (programme === null) {
		return (
			<Panel title={t('earn.title')}>
				<Note tone="attention" title={t('said.needs_programme')}>
					{t('earn.no_programme')}
				</Note>
			</Panel>
		);
	}
	switch (earn.phase) {
		case 'typing':
		case 'sending':
			return <EarnForm earn={earn} subject={subject} programme={programme} />;
		case 'repeat':
			return <EarnRepeat draft={earn.draft} programme={programme} />;
		case 'refused':
			return <EarnRefused error={earn.error} />;
		case 'given':
			return <EarnGiven earn={earn} subject={subject} programme={programme} />;
	}
}
