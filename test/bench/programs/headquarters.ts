/** Headquarters' own work without HTTP, over one database: taking pushes, telling changes, writing a snapshot. */
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { importSynthetic } from '#sync/hq/members/import-synthetic.ts';
import type { HqContext } from '#sync/hq/context.ts';
import { createLogger } from '#sync/hq/logging.ts';
import { openOffice } from '#sync/hq/office.ts';
import { measureFeed } from './headquarters/feed.ts';
import { measureIngest } from './headquarters/ingest.ts';
import { measureSnapshot } from './headquarters/snapshot.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';
import type { Values } from '../runner/outcome.ts';

const OptionsSchema = z.object({
	task: z.enum(['ingest', 'feed', 'snapshot']),
	dataDir: z.string(),
	/** Null: the embedded database. */
	databaseUrl: z.string().nullable(),
	members: z.int(),
	events: z.int(),
});
const options = readProgramOptions(OptionsSchema);

async function run(): Promise<Values> {
	const office = await openOffice({
		dataDir: options.dataDir,
		...(options.databaseUrl === null ? {} : { databaseUrl: options.databaseUrl }),
		logger: createLogger('silent'),
	});
	const { context, close } = must(office.ok ? office.value : null, 'an open office');
	try {
		const startedAt = performance.now();
		const imported = await importSynthetic(context, { count: options.members });
		const importS = (performance.now() - startedAt) / 1000;
		must(imported.ok ? imported : null, 'members');
		return { importRowsPerS: options.members / importS, ...(await measure(context)) };
	} finally {
		await close();
	}
}

function measure(context: HqContext): Promise<Values> {
	const { task, members, events } = options;
	if (task === 'ingest') return measureIngest(context, { members, events });
	return task === 'feed' ? measureFeed(context, { members, events }) : measureSnapshot(context);
}

try {
	await tellValues(await run());
} catch (cause) {
	await tellMissing(cause);
}
