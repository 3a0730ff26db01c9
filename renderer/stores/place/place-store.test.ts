import { beforeEach, expect, test } from 'vitest';
import { card } from '../../bridge/scripted/fixtures.ts';
import {
	enter,
	forgetSubject,
	goHome,
	initialPlaceState,
	leave,
	placeOf,
	replaceSubject,
	showOverlay,
	subjectOf,
	usePlaceStore,
} from './place-store.ts';

const way = () => usePlaceStore.getState().places.map((place) => place.at);
const member = (memberId: string) => ({ at: 'member', subject: { kind: 'member', card: card({ memberId }) } }) as const;

beforeEach(() => usePlaceStore.setState(initialPlaceState, true));

test('the way back is the way in', () => {
	enter(member('m-1'));
	enter({ at: 'outbox' });
	expect(way()).toEqual(['ready', 'member', 'outbox']);
	leave();
	expect(placeOf(usePlaceStore.getState()).at).toBe('member');
	leave();
	leave();
	expect(way()).toEqual(['ready']);
});

test('no kind of place is on the way twice', () => {
	enter(member('m-1'));
	enter({ at: 'outbox' });
	enter(member('m-2'));
	expect(way()).toEqual(['ready', 'member']);
	expect(subjectOf(usePlaceStore.getState())).toMatchObject({ card: { memberId: 'm-2' } });
});

test('a card is put away from below what is shown', () => {
	enter(member('m-1'));
	enter({ at: 'enrol' });
	forgetSubject();
	expect(way()).toEqual(['ready', 'enrol']);
});

test('a newer card takes the place of the old one, wherever it is', () => {
	enter(member('m-1'));
	enter({ at: 'refund' });
	replaceSubject({ kind: 'member', card: card({ points: 1 }) });
	expect(way()).toEqual(['ready', 'member', 'refund']);
	expect(subjectOf(usePlaceStore.getState())).toMatchObject({ card: { points: 1 } });
});

test('moving takes away what lies over the place', () => {
	showOverlay({ kind: 'keys' });
	goHome();
	expect(usePlaceStore.getState().overlay).toEqual({ kind: 'none' });
});
