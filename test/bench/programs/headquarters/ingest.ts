import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { PUSH_EVENTS_MAX } from '#shared/wire/limits.ts';
import type { HqContext } from '#sync/hq/context.ts';
import type { Values } from '../../runner/outcome.ts';
import { buyersBelow, openBenchTerminal } from './bench-terminal.ts';

const HOT_MEMBERS = 200;
const CONNECTIONS = [1, 4, 16] as const;

/** What several terminals sold in the same hour without a line: each push has sales that are earlier than what another has booked. */
const OUTAGE_MS = 3_600_000;

/**
 * Unique events a second by pushes of `PUSH_EVENTS_MAX`: `uniform4`, four pushes at a time of sales of anybody; `hot4`, of the same 200; `late4`,
 * of the same 200 by four terminals that come back from an outage, so that they are late for one another.
 */
export async function measureIngest(
	context: HqContext,
	{ members, events }: { readonly members: number; readonly events: number },
): Promise<Values> {
	const values: Record<string, number> = {};
	const everybody = buyersBelow(members, members);
	const hot = everybody.slice(0, HOT_MEMBERS);
	for (const connections of CONNECTIONS)
		values[`uniform${connections}`] = await ingest(context, { kind: 'U', buyers: everybody, connections, events });
	for (const connections of CONNECTIONS)
		values[`hot${connections}`] = await ingest(context, { kind: 'H', buyers: hot, connections, events });
	values['late4'] = await ingest(context, { kind: 'L', buyers: hot, connections: 4, events });
	return values;
}

/** `kind` begins the terminals' codes; those of `L` sold earlier. */
type Load = { readonly kind: 'U' | 'H' | 'L'; readonly buyers: readonly number[]; readonly connections: number; readonly events: number };

async function ingest(context: HqContext, { kind, buyers, connections, events }: Load): Promise<number> {
	const random = seededRandom(connections);
	const pick = (): number => must(buyers[Math.floor(random.fraction() * buyers.length)], 'a buyer');
	const batches = Math.max(1, Math.ceil(events / connections / PUSH_EVENTS_MAX));
	const perBatch = Math.max(1, Math.min(PUSH_EVENTS_MAX, Math.ceil(events / connections)));
	const startMs = context.clock.nowMs() - OUTAGE_MS;
	const senders = [];
	for (let number = 0; number < connections; number += 1) {
		const terminal = await openBenchTerminal(context, `${kind}${connections}X${number}`);
		const salesOf = (batch: number): readonly object[] => {
			const atMs = kind === 'L' ? startMs + Math.floor((batch * OUTAGE_MS) / batches) : undefined;
			return terminal.sales(Array.from({ length: perBatch }, pick), atMs);
		};
		// Made beforehand: what a terminal does is not headquarters' time.
		senders.push({ terminal, batches: Array.from({ length: batches }, (_, batch) => salesOf(batch)) });
	}
	const startedAt = performance.now();
	await Promise.all(
		senders.map(async (sender) => {
			for (const batch of sender.batches) await sender.terminal.push(batch);
		}),
	);
	return (connections * batches * perBatch) / ((performance.now() - startedAt) / 1000);
}
