/** The hash of an event covers names and contacts, so a guess could be checked against it: it goes with them. */
export const SCRUBBED_HASHES = `UPDATE event SET content_hash = '' WHERE is_scrubbed AND content_hash <> ''`;
