import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from '../button/button.tsx';
import styles from './dialog.module.css';

type Props = {
	readonly title: string;
	readonly closeLabel: string;
	readonly onClose: () => void;
	readonly children: ReactNode;
	/** What is done with it: below what scrolls, so that it is always in sight. */
	readonly footer?: ReactNode;
};

/** Something over the place. Esc and a touch beside it close it; the focus goes back where it was. */
export function Dialog({ title, closeLabel, onClose, children, footer }: Props) {
	return (
		<ModalOverlay isOpen isDismissable className={styles['veil'] ?? ''} onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
			<Modal className={styles['box'] ?? ''}>
				<AriaDialog className={styles['dialog'] ?? ''}>
					<header className={styles['head']}>
						<Heading slot="title" level={2} className={styles['title'] ?? ''}>
							{title}
						</Heading>
						<Button keyCap="Esc" onPress={onClose}>
							{closeLabel}
						</Button>
					</header>
					<div className={styles['body']} data-scrolls="">
						{children}
					</div>
					{footer === undefined ? null : <footer className={styles['foot']}>{footer}</footer>}
				</AriaDialog>
			</Modal>
		</ModalOverlay>
	);
}
