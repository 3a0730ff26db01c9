/** Events of one bulk request. */
export const PUSH_EVENTS_MAX = 500;
/** Bytes of one request's body. */
export const BODY_BYTES_MAX = 1_048_576;
/** Bytes of one event as JSON. */
export const EVENT_BYTES_MAX = 32_768;
/** Member rows in one line of a snapshot file: what a terminal binds to one statement (longest pause 9 ms at 500). */
export const SNAPSHOT_LINE_ROWS_MAX = 500;
/** Member rows in one snapshot file. */
export const SNAPSHOT_FILE_ROWS_MAX = 10_000;
/** Member rows in one line of a feed page: small, so that a look-up never waits long behind it. */
export const FEED_LINE_ROWS_MAX = 100;
/** Member rows in one feed page. */
export const FEED_PAGE_ROWS_MAX = 5_000;
/** Outcomes in one answer. */
export const OUTCOMES_MAX = 1_000;
/** Logical shards of the member base: fixed for ever, `shardOf(member id)`, never hosts. */
export const SHARD_COUNT = 64;
