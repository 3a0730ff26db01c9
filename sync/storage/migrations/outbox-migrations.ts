import type { Migration } from './migration.ts';
import { outboxFirst } from './outbox-0001-first.ts';
import { outboxClosed } from './outbox-0002-closed.ts';

/** All steps of `outbox.db`, in order. */
export const OUTBOX_MIGRATIONS: readonly Migration[] = [outboxFirst, outboxClosed];
