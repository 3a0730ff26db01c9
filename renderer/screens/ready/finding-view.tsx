import type { ReactNode } from 'react';
import { MemberLineWords, MemberList } from '../../components/member-list/member-list.tsx';
import { openEnrol } from '../../stores/enrol/enrol-actions.ts';
import { formFromText } from '../../stores/enrol/enrol-form.ts';
import { codeOf, openMember } from '../../stores/find/find-actions.ts';
import type { Finding, PlainAnswer } from '../../stores/find/find-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { cx } from '../../ui/class-names.ts';
import { BarcodeIcon, PersonSearchIcon, RefusedIcon, TicketIcon, WarningIcon } from '../../ui/icons/icons.tsx';
import { FOUND_LIST_ID } from './find-bar.tsx';
import styles from './finding-view.module.css';

/** What a scan or a search led to, where "Scan a card" stands otherwise. */
export function FindingView({ finding }: { readonly finding: Exclude<Finding, { kind: 'idle' } | { kind: 'looking' }> }) {
	const text = useText();
	switch (finding.kind) {
		case 'several':
			return <Several finding={finding} />;
		case 'failed': {
			const { title, body } = text.error(finding.error.code);
			return <Answer tone="refused" icon={<RefusedIcon size="2.5rem" />} title={title} body={body} code={finding.error.code} />;
		}
		case 'answer':
			return <PlainAnswerView answer={finding.answer} text={finding.text} />;
	}
}

function Several({ finding }: { readonly finding: Extract<Finding, { kind: 'several' }> }) {
	const { t } = useText();
	const tierName = useTierName();
	return (
		<div className={styles['several']}>
			<h1 className={styles['count']}>{t('find.several', { count: finding.members.length, text: finding.text })}</h1>
			<MemberList
				id={FOUND_LIST_ID}
				label={t('find.list')}
				members={finding.members}
				highlighted={finding.highlighted}
				onOpen={(memberId) => void openMember(memberId)}
				tierName={tierName}
			/>
			<p className={styles['more']}>{finding.hasMore ? t('find.more') : t('find.choose')}</p>
		</div>
	);
}

const ICONS: Readonly<Record<PlainAnswer['kind'], ReactNode>> = {
	nobody: <PersonSearchIcon size="2.5rem" />,
	blocked_card: <RefusedIcon size="2.5rem" />,
	wrong_check_digit: <BarcodeIcon size="2.5rem" />,
	coupon: <TicketIcon size="2.5rem" />,
	book: <TicketIcon size="2.5rem" />,
	unreadable: <WarningIcon size="2.5rem" />,
};

function PlainAnswerView({ answer, text }: { readonly answer: PlainAnswer; readonly text: string }) {
	const { t, error, moment } = useText();
	const nowMs = useSessionStore((state) => state.nowMs);
	const tierName = useTierName();
	if (answer.kind === 'nobody') {
		const age =
			answer.isLoading || answer.asOfMs === 0 ? t('find.nobody_loading') : t('find.nobody_as_of', { time: moment(answer.asOfMs, nowMs) });
		return (
			<Answer tone="attention" icon={ICONS.nobody} title={t('find.nobody', { text })} body={`${t('find.nobody_body')} ${age}`} code={null}>
				<Button keyCap="F3" size="l" onPress={() => openEnrol(formFromText(text))}>
					{t('find.enrol')}
				</Button>
			</Answer>
		);
	}
	const code = codeOf(answer);
	const sentence = error(code);
	if (answer.kind !== 'blocked_card')
		return <Answer tone="attention" icon={ICONS[answer.kind]} title={sentence.title} body={sentence.body} code={code} />;
	const isReplaced = answer.cardStatus === 'replaced';
	return (
		<Answer
			tone="refused"
			icon={ICONS.blocked_card}
			title={isReplaced ? t('find.replaced') : sentence.title}
			body={isReplaced ? t('find.replaced_body') : t('find.blocked_body')}
			code={code}
		>
			<div className={styles['holder']}>
				<MemberLineWords member={answer.member} tierName={tierName(answer.member.tierId)} />
			</div>
			{isReplaced ? (
				<Button variant="dark" size="l" keyCap="Enter" onPress={() => void openMember(answer.member.memberId)}>
					{t('find.open_member')}
				</Button>
			) : null}
		</Answer>
	);
}

type AnswerProps = {
	readonly tone: 'attention' | 'refused';
	readonly icon: ReactNode;
	readonly title: string;
	readonly body: string;
	readonly code: string | null;
	readonly children?: ReactNode;
};

function Answer({ tone, icon, title, body, code, children }: AnswerProps) {
	const { t } = useText();
	return (
		<div className={styles['answer']}>
			<span className={cx(styles['icon'], styles[tone])}>{icon}</span>
			<h1 className={styles['title']}>{title}</h1>
			<p className={styles['body']}>{body}</p>
			{children}
			{code === null ? null : <p className={styles['code']}>{t('support.code', { code })}</p>}
		</div>
	);
}

function useTierName(): (tierId: string) => string {
	const tiers = useSessionStore((state) => state.session?.programme?.tiers);
	return (tierId) => tiers?.find((tier) => tier.id === tierId)?.name ?? '';
}
