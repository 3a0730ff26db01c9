import { workWords } from '../../components/work-words.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { CheckIcon } from '../../ui/icons/icons.tsx';
import { Progress } from '../../ui/progress/progress.tsx';
import styles from './loading-view.module.css';

/** The first load: how far, how fast, how long still, and what already works meanwhile. */
export function LoadingView() {
	const text = useText();
	const work = useSessionStore((state) => state.status?.work ?? null);
	const { t } = text;
	if (work === null) return null;
	const part = work.total > 0 ? Math.min(1, work.done / work.total) : null;
	return (
		<div className={styles['loading']}>
			<h1 className={styles['title']}>{t('loading.title')}</h1>
			<p className={styles['body']}>{t('loading.body')}</p>
			<div className={styles['bar']}>
				<Progress isLarge label={t(`work.${work.kind}`)} part={part} valueText={workWords(work, text)} />
			</div>
			<ul className={styles['works']} aria-label={t('loading.works')}>
				<Works>{t('loading.works_earn')}</Works>
				<Works>{t('loading.works_enrol')}</Works>
				<Works>{t('loading.works_kept')}</Works>
			</ul>
		</div>
	);
}

function Works({ children }: { readonly children: string }) {
	return (
		<li className={styles['work']}>
			<span className={styles['tick']}>
				<CheckIcon size="1.1rem" />
			</span>
			{children}
		</li>
	);
}
