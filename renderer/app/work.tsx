import { EnrolScreen } from '../screens/enrol/enrol-screen.tsx';
import { LockScreen } from '../screens/lock/lock-screen.tsx';
import { MemberScreen } from '../screens/member/member-screen.tsx';
import { OutboxScreen } from '../screens/outbox/outbox-screen.tsx';
import { ReadyScreen } from '../screens/ready/ready-screen.tsx';
import { RefundScreen } from '../screens/refund/refund-screen.tsx';
import { SyncScreen } from '../screens/sync/sync-screen.tsx';
import { placeOf, usePlaceStore } from '../stores/place/place-store.ts';
import type { Place } from '../stores/place/place-store.ts';
import { useSessionStore } from '../stores/session/session-store.ts';

/** The middle of the three fixed places: where the cashier is, or the lock over it. */
export function Work() {
	const isLocked = useSessionStore((state) => state.session?.isLocked === true);
	const place = usePlaceStore(placeOf);
	return isLocked ? <LockScreen /> : <PlaceView place={place} />;
}

function PlaceView({ place }: { readonly place: Place }) {
	switch (place.at) {
		case 'ready':
			return <ReadyScreen />;
		case 'member':
			return <MemberScreen subject={place.subject} />;
		case 'enrol':
			return <EnrolScreen />;
		case 'refund':
			return <RefundScreen />;
		case 'outbox':
			return <OutboxScreen />;
		case 'sync':
			return <SyncScreen />;
	}
}
