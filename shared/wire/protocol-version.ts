/**
 * The version of everything in this folder. Headquarters is deployed first and serves this version and the one before.
 *
 * History, one line per version:
 * 1  first version
 */
export const PROTOCOL_VERSION = 1;

/** The oldest terminal that headquarters still answers. Never above `PROTOCOL_VERSION`. */
export const PROTOCOL_VERSION_MIN = 1;
