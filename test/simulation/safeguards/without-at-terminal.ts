/** Terminals without one of their safeguards. */
import { ok } from '#shared/lib/result.ts';
import { WAITING_STATUSES } from '#sync/outbox/entry.ts';
import type { PendingPoints } from '#sync/outbox/outbox.ts';
import type { TerminalDisk, TerminalParts } from '../world/terminal-machine.ts';
import { ALL_SAFEGUARDS } from './safeguards.ts';
import type { Safeguards } from './safeguards.ts';

type Change = (parts: TerminalParts, disk: TerminalDisk) => Partial<TerminalParts>;

function terminalsWith(change: Change): Safeguards {
	return { ...ALL_SAFEGUARDS, terminal: (parts, disk) => ({ ...parts, ...change(parts, disk) }) };
}

/** A higher epoch is taken note of, and nothing is offered again. */
export const withoutReoffer = terminalsWith(({ outbox }) => ({
	outbox: {
		...outbox,
		reoffer: async (hqEpoch) => {
			await outbox.saveState({ hqEpoch, outcomesAfter: 0 });
			return 0;
		},
	},
}));

/** Rows of an older epoch stay beside those of the new one, and the version decides. */
export const withoutDroppingTheReplica = terminalsWith(({ replica }, disk) => {
	let kept = disk.replica.commits.at(-1)?.members ?? new Map<never, never>();
	return {
		replica: {
			...replica,
			erase: async () => {
				kept = disk.replica.commits.at(-1)?.members ?? kept;
				await replica.erase();
			},
			beginLoad: async (manifest) => {
				const begun = await replica.beginLoad(manifest);
				if (!begun.ok) return begun;
				return ok({
					...begun.value,
					finish: async () => {
						const finished = await begun.value.finish();
						const newest = disk.replica.commits.at(-1);
						if (!finished.ok || newest === undefined) return finished;
						const members = new Map(newest.members);
						for (const [id, member] of kept) if (member.ver > (members.get(id)?.ver ?? 0)) members.set(id, member);
						disk.replica.commits = [{ ...newest, members }];
						return finished;
					},
				});
			},
		},
	};
});

/** What headquarters decided is learned from the answers to pushes alone. */
export const withoutOutcomePull = terminalsWith(({ client }) => ({
	client: {
		...client,
		outcomes: async (after, signal) => {
			const answer = await client.outcomes(after, signal);
			return answer.ok ? ok({ ...answer.value, results: [], next: after, has_more: false }) : answer;
		},
	},
}));

/** Outcomes are asked for before the page and not after it. */
export const withOutcomesBeforeThePage = terminalsWith(({ client, outbox }) => {
	let asked: { readonly after: number; readonly answer: ReturnType<typeof client.outcomes> } | null = null;
	return {
		client: {
			...client,
			feed: async (query, signal) => {
				const after = outbox.state().outcomesAfter;
				const answer = client.outcomes(after, signal);
				asked = { after, answer };
				await answer;
				return client.feed(query, signal);
			},
			outcomes: (after, signal) => {
				const known = asked;
				asked = null;
				return known?.after === after ? known.answer : client.outcomes(after, signal);
			},
		},
	};
});

/** Pulled outcomes are stored after the page. */
export const withPageBeforeOutcomes = terminalsWith(({ outbox, replica }) => {
	let held: Parameters<typeof outbox.settle>[] = [];
	return {
		outbox: {
			...outbox,
			settle: async (results, nowMs) => {
				if (results.every((result) => !('result_no' in result))) return outbox.settle(results, nowMs);
				held.push([results, nowMs]);
				return [];
			},
		},
		replica: {
			...replica,
			applyPage: async (page) => {
				const applied = await replica.applyPage(page);
				const due = held;
				held = [];
				for (const [results, nowMs] of due) await outbox.settle(results, nowMs);
				return applied;
			},
		},
	};
});

/** A snapshot is swapped in without asking for outcomes. */
export const withoutOutcomesBeforeASwap = terminalsWith(({ client }) => {
	let isLoading = false;
	return {
		client: {
			...client,
			snapshotManifest: (...args) => {
				isLoading = true;
				return client.snapshotManifest(...args);
			},
			feed: (query, signal) => {
				isLoading = false;
				return client.feed(query, signal);
			},
			outcomes: async (after, signal) => {
				const answer = await client.outcomes(after, signal);
				return answer.ok && isLoading ? ok({ ...answer.value, results: [], next: after, has_more: false }) : answer;
			},
		},
	};
});

/** Everything is offered again first, and the replica is erased second. */
export const withReofferBeforeErase = terminalsWith(({ outbox, replica }) => {
	let isEraseDue = false;
	return {
		replica: {
			...replica,
			erase: () => {
				isEraseDue = true;
				return Promise.resolve();
			},
		},
		outbox: {
			...outbox,
			reoffer: async (hqEpoch) => {
				const count = await outbox.reoffer(hqEpoch);
				if (isEraseDue) await replica.erase();
				isEraseDue = false;
				return count;
			},
		},
	};
});

/** Pages, outcomes and snapshots of any epoch are taken for those of ours. */
export const withAnswersOfAnyEpoch = terminalsWith(({ client, outbox }) => ({
	client: {
		...client,
		outcomes: async (after, signal) => {
			const answer = await client.outcomes(after, signal);
			return answer.ok ? ok({ ...answer.value, hq_epoch: outbox.state().hqEpoch }) : answer;
		},
		feed: async (query, signal) => {
			const page = await client.feed(query, signal);
			return page.ok ? ok({ ...page.value, header: { ...page.value.header, hq_epoch: outbox.state().hqEpoch } }) : page;
		},
		snapshotManifest: async (...args) => {
			const manifest = await client.snapshotManifest(...args);
			return manifest.ok ? ok({ ...manifest.value, hq_epoch: outbox.state().hqEpoch }) : manifest;
		},
	},
}));

/** What was on its way when a push failed stays so. */
export const withoutRelease = terminalsWith(({ outbox }) => ({ outbox: { ...outbox, release: () => Promise.resolve() } }));

/** What was on its way when the program ended stays so. */
export const withoutRecovery = terminalsWith(({ outbox }) => ({ outbox: { ...outbox, recoverSending: () => Promise.resolve(0) } }));

/** A batch is as large as it can be, whatever came of it before. */
export const withoutHalving = terminalsWith(({ outbox }) => ({
	outbox: { ...outbox, takeBatch: (limit) => outbox.takeBatch({ ...limit, events: 500 }) },
}));

/** A restored folder goes on under its old incarnation. */
export const withoutNewIncarnation = terminalsWith(({ outbox }) => ({ outbox: { ...outbox, renewIncarnation: () => Promise.resolve(0) } }));

const WAITING: ReadonlySet<string> = new Set(WAITING_STATUSES);

/** The screen counts what waits, and does not ask whether the rest is in the balance yet. */
export const withoutVersionTest: Safeguards = {
	...ALL_SAFEGUARDS,
	display: (member, pending: readonly PendingPoints[]) => ({
		confirmed: member?.points ?? 0,
		pending: pending.filter(({ status }) => WAITING.has(status)).reduce((sum, { points }) => sum + points, 0),
	}),
};

/** Nobody compares the members with headquarters'. */
export const withoutDigests = terminalsWith(({ client, outbox }) => ({
	client: { ...client, digests: () => Promise.resolve(ok({ hq_epoch: outbox.state().hqEpoch, shards: [] })) },
}));

/** The outbox lets go of everything that is applied, however young. */
export const withoutRetention = terminalsWith(({ outbox }) => ({
	outbox: { ...outbox, retire: () => outbox.retire(Number.MAX_SAFE_INTEGER) },
}));

/** After a 401 nobody asks `/health` for the time. */
export const withoutTimeOfHealth = terminalsWith(({ client }) => {
	let refused: Awaited<ReturnType<typeof client.hello>> | null = null;
	return {
		client: {
			...client,
			hello: async (...args) => {
				const answer = await client.hello(...args);
				refused = !answer.ok && answer.error.kind === 'unauthorised' ? answer : null;
				return answer;
			},
			health: (signal) => (refused?.ok === false ? Promise.resolve(refused) : client.health(signal)),
		},
	};
});
