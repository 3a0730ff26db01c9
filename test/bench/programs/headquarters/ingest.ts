import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { PUSH_EVENTS_MAX } from '#shared/wire/limits.ts';
import type { HqContext } from '#sync/hq/context.ts';
import type { Values } from '../../runner/outcome.ts';
import { buyersBelow, openBenchTerminal } from './bench-terminal.ts';

const HOT_MEMBERS = 200;
const CONNECTIONS = [1, 4, 16] as const;

/** Unique events a second by pushes of `PUSH_EVENTS_MAX`: `uniform4`, four pushes at a time of sales of anybody; `hot4`, of the same 200. */
export async function measureIngest(
	context: HqContext,
	{ members, events }: { readonly members: number; readonly events: number },
): Promise<Values> {
	const values: Record<string, number> = {};
	const everybody = buyersBelow(members, members);
	for (const [kind, buyers] of [
		['uniform', everybody],
		['hot', everybody.slice(0, HOT_MEMBERS)],
	] as const) {
		for (const connections of CONNECTIONS) values[`${kind}${connections}`] = await ingest(context, { buyers, connections, events, kind });
	}
	return values;
}

type Load = { readonly buyers: readonly number[]; readonly connections: number; readonly events: number; readonly kind: 'uniform' | 'hot' };

async function ingest(context: HqContext, { buyers, connections, events, kind }: Load): Promise<number> {
	const random = seededRandom(connections);
	const pick = (): number => must(buyers[Math.floor(random.fraction() * buyers.length)], 'a buyer');
	const batches = Math.max(1, Math.ceil(events / connections / PUSH_EVENTS_MAX));
	const perBatch = Math.max(1, Math.min(PUSH_EVENTS_MAX, Math.ceil(events / connections)));
	const senders = [];
	for (let number = 0; number < connections; number += 1) {
		const terminal = await openBenchTerminal(context, `${kind === 'hot' ? 'H' : 'U'}${connections}X${number}`);
		// Made beforehand: what a terminal does is not headquarters' time.
		senders.push({ terminal, batches: Array.from({ length: batches }, () => terminal.sales(Array.from({ length: perBatch }, pick))) });
	}
	const startedAt = performance.now();
	await Promise.all(
		senders.map(async (sender) => {
			for (const batch of sender.batches) await sender.terminal.push(batch);
		}),
	);
	return (connections * batches * perBatch) / ((performance.now() - startedAt) / 1000);
}
