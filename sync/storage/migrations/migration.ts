import type { Executor } from '../connection.ts';

/** One step of a schema, from the version before to `version`. Written once, never changed after its release. */
export type Migration = { readonly version: number; readonly run: (tx: Executor) => Promise<void> };
