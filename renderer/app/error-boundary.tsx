import { Component } from 'react';
import type { ReactNode } from 'react';
import { ErrorNote } from '../components/note/note.tsx';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { goHome } from '../stores/place/place-store.ts';
import type { Text } from '../text/text.ts';
import { Button } from '../ui/button/button.tsx';

type Props = { readonly children: ReactNode; readonly text: Text };
type State = { readonly hasFailed: boolean };

/** A defect of one screen does not take the chip and the keys away: what was recorded is with the services, and Ready is a key away. */
export class ErrorBoundary extends Component<Props, State> {
	override readonly state: State = { hasFailed: false };

	static getDerivedStateFromError(): State {
		return { hasFailed: true };
	}

	override render(): ReactNode {
		if (!this.state.hasFailed) return this.props.children;
		const recover = () => {
			goHome();
			this.setState({ hasFailed: false });
		};
		return (
			<ErrorNote
				error={terminalError('INTERNAL-101')}
				actions={
					<Button variant="dark" takesFocus keyCap="Enter" onPress={recover}>
						{this.props.text.t('failed.recover')}
					</Button>
				}
			/>
		);
	}
}
