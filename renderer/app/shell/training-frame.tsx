import styles from './training-frame.module.css';

/** Stripes around everything: nothing done here counts. The badge in the top bar says it in words. */
export function TrainingFrame() {
	return <div aria-hidden="true" className={styles['frame']} />;
}
