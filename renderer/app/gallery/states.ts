import type { GalleryState } from './scenario.ts';
import { deskStates } from './states-desk.ts';
import { managerStates } from './states-manager.ts';
import { memberStates } from './states-member.ts';
import { readyStates } from './states-ready.ts';

/** Every state of every screen, by the name that `?state=` takes. */
export const states: Readonly<Record<string, GalleryState>> = { ...readyStates, ...memberStates, ...deskStates, ...managerStates };
