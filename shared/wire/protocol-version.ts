/**
 * The version of everything in this folder. Headquarters is deployed first and serves this version and the one before.
 *
 * History, one line per version:
 * 1  first version
 * 2  what a terminal sends of an event's time and of its machine, the epoch in a push, own events, sealing, merges, loads of single
 *    shards, digests, segments of the feed, a pairing that may be repeated, the hours of shops in the programme, when an outcome was stored:
 *    all of it optional or a call of its own
 */
export const PROTOCOL_VERSION = 2;

/** The oldest terminal that headquarters still answers. Never above `PROTOCOL_VERSION`. */
export const PROTOCOL_VERSION_MIN = 1;
