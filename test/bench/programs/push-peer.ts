/** One peer sends events that were written into its store; ends when the peer itself believes that all have arrived. */
import { mkdir, rm } from 'node:fs/promises';
import { z } from 'zod';
import { PUSHING } from '../peers/pushing/pusher.ts';
import type { Pusher, PushingPeer } from '../peers/pushing/pusher.ts';
import { pushByPouchdb } from '../peers/pushing/pouchdb.ts';
import { pushByPowersync } from '../peers/pushing/powersync.ts';
import { pushByRxdb } from '../peers/pushing/rxdb.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';

const OptionsSchema = z.object({ peer: z.enum(PUSHING), folder: z.string(), lineUrl: z.string(), serviceUrl: z.string(), events: z.int() });
const PUSHERS: Readonly<Record<PushingPeer, Pusher>> = { pouchdb: pushByPouchdb, rxdb: pushByRxdb, powersync: pushByPowersync };

try {
	const { peer, ...options } = readProgramOptions(OptionsSchema);
	await rm(options.folder, { recursive: true, force: true });
	await mkdir(options.folder, { recursive: true });
	await tellValues({ drainS: await PUSHERS[peer](options) });
} catch (cause) {
	await tellMissing(cause);
}
