/** What the contract test of the database in memory reads on both sides. */
import { seededRandom } from '#shared/lib/fake-time.ts';
import { HelloRequestSchema } from '#shared/wire/hello.ts';
import type { HqContext } from '#sync/hq/context.ts';
import { encodeCursor } from '#sync/hq/feed/cursor.ts';
import type { FeedPlace } from '#sync/hq/feed/cursor.ts';
import { createDigests } from '#sync/hq/feed/digests.ts';
import { readFeedPage } from '#sync/hq/feed/feed-page.ts';
import { publishRound, readHeads } from '#sync/hq/feed/publish-round.ts';
import { readLeftSince } from '#sync/hq/feed/segments/left-since.ts';
import { buildSnapshot } from '#sync/hq/feed/snapshot/build.ts';
import { holdsForgottenMembers, judgeSnapshot } from '#sync/hq/feed/snapshot/staleness.ts';
import { readOutcomes } from '#sync/hq/ledger/outcomes.ts';
import { readOwnEvents } from '#sync/hq/ledger/own-events.ts';
import { greet } from '#sync/hq/terminals/hello.ts';
import { createSnapshotDisk, openSnapshotFolder } from '../world/snapshot-folder.ts';

/** A headquarters over one of the two databases, and the rows of its tables. */
export type Side = { readonly context: HqContext; readonly rows: (table: string, columns: string) => Promise<readonly object[]> };
export type Step = (side: Side) => Promise<unknown>;
export type Draw = {
	readonly below: (limit: number) => number;
	readonly oneOf: <T>(values: readonly T[]) => T;
	readonly chance: (share: number) => boolean;
	readonly id: () => string;
};

type Asking = { readonly terminal: string; readonly incarnation: string };

/** Rows of a page or file, whatever lines they are cut into. */
function rowsOf(lines: readonly string[]): unknown {
	return lines.flatMap((line) => JSON.parse(line) as unknown[]);
}

/** One of the ways in which headquarters reads or publishes, the same for whichever side it is carried out on. */
export function readStep(draw: Draw, { terminal, incarnation }: Asking): Step {
	const after = draw.below(12);
	const rowsMax = 1 + draw.below(9);
	const mode = draw.chance(0.5) ? 'wait' : 'pass_over';
	const hello = HelloRequestSchema.parse({
		terminal,
		incarnation,
		app_version: '1',
		protocol: 2,
		hq_epoch: 1,
		max_seq: 0,
		sent_at: 1,
		programme_version: 0,
	});
	const steps: readonly Step[] = [
		({ context }) => publishRound(context.database.urgent, mode),
		({ context }) => publishRound(context.database.urgent),
		async ({ context }) => {
			const heads = await readHeads(context.database);
			const place = await placeBack(context, after % 4);
			const page = await readFeedPage(context.database, { place, heads, rowsMax });
			return { ...page, lines: rowsOf(page.lines) };
		},
		({ context }) => readOutcomes(context, { terminal, after, most: rowsMax }),
		({ context }) => readOwnEvents(context, { terminal, after }),
		({ context }) => greet(context, hello),
		snapshotStep,
		async ({ context }) => (await readLeftSince(context.database, await placeBack(context, after % 4))).toSorted(),
		digestsStep,
	];
	return draw.oneOf(steps);
}

/** So many numbers behind the head, in every shard. */
async function placeBack({ database }: HqContext, behind: number): Promise<FeedPlace> {
	const heads = await readHeads(database);
	return { epoch: 1, seqs: heads.seqs.map((seq) => Math.max(0, seq - behind)) };
}

async function digestsStep({ context }: Side): Promise<unknown> {
	const heads = await readHeads(context.database);
	const publisher = { heads: () => heads, refresh: () => Promise.resolve(heads) };
	const read = await createDigests(context, publisher).read(encodeCursor({ epoch: 1, seqs: heads.seqs }));
	return read.ok ? { ...read.value, shards: read.value.shards.toSorted((left, right) => left.shard - right.shard) } : read;
}

async function snapshotStep({ context }: Side): Promise<unknown> {
	const disk = createSnapshotDisk();
	const folder = openSnapshotFolder(disk, { epoch: 1, reach: () => Promise.resolve() });
	const ports = { folder, pack: (text: string) => Promise.resolve(Buffer.from(text)) };
	const manifest = await buildSnapshot({ ...context, random: seededRandom(1) }, ports, () => undefined);
	const files = [...disk.files].map(([path, bytes]) => [path, rowsOf(new TextDecoder().decode(bytes).trim().split('\n'))]);
	const heads = await readHeads(context.database);
	const old = { ...manifest, created_at: manifest.created_at - 90_000_000 };
	return {
		files,
		cursor: manifest.cursor,
		rows: manifest.rows,
		judged: [await judgeSnapshot(context, manifest, heads), await judgeSnapshot(context, old, heads)],
		holds: await holdsForgottenMembers(context, manifest),
	};
}
