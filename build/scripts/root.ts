import { join } from 'node:path';

/** The repository's root folder; scripts may be started from anywhere. */
export const ROOT = join(import.meta.dirname, '../..');
