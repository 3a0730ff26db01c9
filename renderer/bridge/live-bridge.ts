import type { Bridge } from '#shared/bridge/envelope.ts';

/** Whether the services behind the window answer. `lost`: they did, or should have by now. `taken_over`: another window has them, for good. */
export type Connection = 'connecting' | 'open' | 'lost' | 'taken_over';

/** A bridge that tells how its connection is. `watch` calls at once with the state of now, then with each change. */
export type LiveBridge = Bridge & { readonly watch: (watcher: (connection: Connection) => void) => () => void };
