import { useMemo } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useSessionStore } from '../stores/session/session-store.ts';
import { createText } from '../text/text.ts';
import { defaultText, TextContext } from '../text/use-text.ts';
import { cx } from '../ui/class-names.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { Overlays } from './overlays/overlays.tsx';
import { KeyBar } from './shell/key-bar.tsx';
import { LostBanner } from './shell/lost-banner.tsx';
import { TopBar } from './shell/top-bar.tsx';
import { TrainingFrame } from './shell/training-frame.tsx';
import { Signals } from './signal/signals.tsx';
import { Work } from './work.tsx';
import styles from './app.module.css';

/** The three fixed places: chip and person above, work in the middle, keys below. */
export function App() {
	const locale = useSessionStore((state) => state.session?.locale ?? null);
	// The page's direction is set before this renders, by the locale or by a test.
	const text = useMemo(() => createText(locale ?? defaultText.locale, document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'), [locale]);
	const isTraining = useSessionStore((state) => state.session?.isTraining === true);
	return (
		<TextContext value={text}>
			<I18nProvider locale={text.locale}>
				<div className={cx(styles['app'], isTraining && styles['training'])}>
					<TopBar />
					<LostBanner />
					<main className={styles['middle']}>
						<div className={styles['work']} data-scrolls="">
							<ErrorBoundary text={text}>
								<Work />
							</ErrorBoundary>
						</div>
						<Signals />
					</main>
					<KeyBar />
					<Overlays />
					{isTraining ? <TrainingFrame /> : null}
				</div>
			</I18nProvider>
		</TextContext>
	);
}
