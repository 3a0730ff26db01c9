import type { Migration } from './migration.ts';
import { outboxFirst } from './outbox-0001-first.ts';

/** All steps of `outbox.db`, in order. */
export const OUTBOX_MIGRATIONS: readonly Migration[] = [outboxFirst];
