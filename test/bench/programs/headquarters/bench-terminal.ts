import { IncarnationSchema } from '#shared/domain/ids.ts';
import type { TerminalId } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { EventResult } from '#shared/wire/push.ts';
import type { HqContext } from '#sync/hq/context.ts';
import { push } from '#sync/hq/ledger/push.ts';
import { createTerminal } from '#sync/hq/terminals/terminals.ts';
import { createBenchBase } from '../../runner/synthetic-member.ts';

/** A terminal that pushes sales to the ledger of this process. */
export type BenchTerminal = {
	/** Sales of members by their index, in the next places of the terminal's order; without a time they happen when they are pushed. */
	readonly sales: (members: readonly number[], occurredAtMs?: number) => readonly object[];
	/** All of them are answered `applied`, or it fails. */
	readonly push: (events: readonly object[]) => Promise<readonly EventResult[]>;
};

const base = createBenchBase();

/** `code` must be new. */
export async function openBenchTerminal(context: HqContext, code: string): Promise<BenchTerminal> {
	const created = await createTerminal(context, {
		outlet: { id: 'BENCH', code: 'BENCH', name: 'Bench outlet' },
		terminal_code: code,
		terminal_name: code,
	});
	assert(created.ok, 'a terminal is made');
	const terminal: TerminalId = created.value.terminal;
	const incarnation = IncarnationSchema.parse(Buffer.from(context.random.bytes(8)).toString('hex'));
	let seq = 0;
	return {
		sales: (members, occurredAtMs) =>
			members.map((index) => {
				seq += 1;
				return {
					customer: base.member(index).id,
					action: 'checkout',
					event_id: uuidV7(context.clock.nowMs(), context.random),
					seq,
					...(occurredAtMs === undefined ? {} : { occurred_at: occurredAtMs }),
					data: { transaction_id: `BENCH-${code}-${seq}`, total: 10 + (seq % 90), currency: 'EUR' },
				};
			}),
		push: async (sales) => {
			const nowMs = context.clock.nowMs();
			const events = sales.map((sale) => ({ occurred_at: nowMs, ...sale }));
			for (;;) {
				const request = { terminal, incarnation, sent_at: context.clock.nowMs(), events };
				const pushed = await push(context, { sender: { terminal, incarnation }, request });
				// Busy: as a terminal would, it comes again.
				if (!pushed.ok) continue;
				const wrong = pushed.value.results.find(({ status }) => status !== 'applied' && status !== 'duplicate');
				assert(wrong === undefined, () => `every sale is applied: ${JSON.stringify(wrong)}`);
				return pushed.value.results;
			}
		},
	};
}

/** Members who may buy, of those with an index below `count`. */
export function buyersBelow(count: number, wanted: number): readonly number[] {
	const buyers: number[] = [];
	for (let index = 100; index < count && buyers.length < wanted; index += 1)
		if (must(base.member(index), 'a member').status === 'active') buyers.push(index);
	return buyers;
}
