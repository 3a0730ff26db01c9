import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assert } from '#shared/lib/assert.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { ENTRY_STATUSES, WAITING_STATUSES } from '../../outbox/entry.ts';
import type { Entry, EntryStatus } from '../../outbox/entry.ts';
import { answer } from '../../outbox/fake-recordings.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import { openFresh } from './fake-opened-outbox.ts';

const MEMBERS = ['m1', 'm2', 'm3'] as const;
const STATUSES = ['applied', 'duplicate', 'rejected', 'deferred', 'fork', 'mismatch'] as const satisfies readonly EventResult['status'][];

const anyStep = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ kind: fc.constant('sale' as const), member: fc.constantFrom(...MEMBERS) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('enrol' as const), member: fc.constantFrom(...MEMBERS) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('refund' as const), pick: fc.nat() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('optOut' as const), member: fc.constantFrom(...MEMBERS) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), pick: fc.nat() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('void' as const), pick: fc.nat() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('resend' as const), pick: fc.nat() }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), pick: fc.nat() }) },
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('push' as const),
			events: fc.integer({ min: 1, max: 6 }),
			outcomes: fc.array(fc.constantFrom(...STATUSES, 'lost' as const), { minLength: 6, maxLength: 6 }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('epoch' as const) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 90 }) }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

type World = Awaited<ReturnType<typeof createWorld>>;

async function createWorld(seed: number) {
	const fresh = await openFresh({ seed });
	return {
		...fresh,
		outbox: fresh.outbox,
		recorded: [] as { readonly recording: Parameters<Outbox['record']>[0]; readonly entry: Entry }[],
		/** Statuses of headquarters by event id: what it has said for good, until it is restored. */
		final: new Map<string, EntryStatus>(),
	};
}

async function record(world: World, recording: Parameters<Outbox['record']>[0]): Promise<void> {
	const result = await world.outbox.record(recording);
	assert(result.ok, 'the disk has room');
	world.recorded.push({ recording, entry: result.value });
}

type Recorded = World['recorded'][number];

async function run(world: World, step: Step): Promise<void> {
	const { recorded, recordings } = world;
	if ('pick' in step) {
		const picked = recorded[step.pick % Math.max(1, recorded.length)];
		if (picked !== undefined) await touch(world, step.kind, picked);
		return;
	}
	if (step.kind === 'sale') await record(world, recordings.sale({ memberId: step.member }));
	else if (step.kind === 'enrol') await record(world, recordings.enrolment({ memberId: step.member }));
	else if (step.kind === 'optOut') await record(world, recordings.optOut(step.member));
	else await pass(world, step);
}

/** What happens to an entry that is there. */
async function touch(world: World, kind: Extract<Step, { readonly pick: number }>['kind'], picked: Recorded): Promise<void> {
	const { eventId } = picked.entry;
	switch (kind) {
		case 'refund':
			if (picked.recording.event.action === 'checkout') await record(world, world.recordings.refund(picked.recording));
			return;
		case 'again':
			return recordAgain(world, picked);
		case 'void':
			await world.outbox.voidEntry(eventId);
			return;
		case 'close':
			if ((await world.outbox.closeRefused({ eventId, by: 'm-1', because: 'not_needed' })).ok) world.final.set(eventId, 'closed');
			return;
		case 'resend':
			if ((await world.outbox.resend(eventId)).ok) world.final.delete(eventId);
	}
}

/** What happens to the terminal. */
async function pass(world: World, step: Extract<Step, { readonly kind: 'push' | 'epoch' | 'renew' | 'crash' | 'wait' }>): Promise<void> {
	switch (step.kind) {
		case 'push':
			return push(world, step);
		case 'epoch':
			world.final.clear();
			await world.outbox.reoffer(world.outbox.state().hqEpoch + 1);
			return;
		case 'renew':
			await world.outbox.renewIncarnation();
			return;
		case 'crash':
			await world.outbox.close();
			world.outbox = await world.reopen();
			await world.outbox.recoverSending();
			return;
		case 'wait':
			return world.time.advance(step.minutes * 60_000);
	}
}

async function recordAgain({ outbox }: World, earlier: Recorded): Promise<void> {
	const result = await outbox.record(earlier.recording);
	assert(result.ok && result.value.eventId === earlier.entry.eventId, 'the same request is the same entry');
}

async function push({ outbox, time, final }: World, step: Extract<Step, { readonly kind: 'push' }>): Promise<void> {
	const nowMs = time.clock.nowMs();
	const before = (await outbox.list({ limit: 500 })).toReversed();
	const batch = await outbox.takeBatch({ events: step.events, bytes: 100_000, nowMs });
	expectOrder(before, batch);
	expect(new Set(batch.map(({ incarnation }) => incarnation)).size).toBeLessThanOrEqual(1);
	const results = batch.map((entry, index) => ({ entry, outcome: step.outcomes[index % 6] ?? 'lost' }));
	const answered = results.flatMap(({ entry, outcome }) => (outcome === 'lost' ? [] : [answer(entry.eventId, outcome)]));
	await outbox.settle(answered, nowMs);
	await outbox.settle(
		answered.filter(({ status }) => status !== 'deferred' && status !== 'fork'),
		nowMs,
	);
	const lost = results.filter(({ outcome }) => outcome === 'lost').map(({ entry }) => entry.eventId);
	await outbox.release(lost, nowMs + 30_000);
	for (const { event_id, status } of answered) {
		if (status === 'applied' || status === 'duplicate') final.set(event_id, 'applied');
		if (status === 'rejected') final.set(event_id, 'rejected');
	}
}

/** Nothing is sent while something waits that it must not overtake (I4). */
function expectOrder(before: readonly Entry[], batch: readonly Entry[]): void {
	const sent = new Map(batch.map((entry, index) => [entry.eventId, index]));
	const waiting = before.filter(({ status }) => WAITING_STATUSES.some((waits) => waits === status));
	for (const [index, later] of waiting.entries()) {
		const place = sent.get(later.eventId);
		if (place === undefined) continue;
		for (const earlier of waiting.slice(0, index)) {
			const isSameSale = later.action === 'refund' && earlier.receipt?.transactionId === later.receipt?.transactionId;
			const isOptOut = later.memberId === earlier.memberId && (later.action === 'opt_out' || earlier.action === 'opt_out');
			if (isSameSale || isOptOut) assert((sent.get(earlier.eventId) ?? Infinity) < place, 'nothing is overtaken that must not be');
		}
	}
}

async function expectInvariants(world: World): Promise<void> {
	const entries = (await world.outbox.list({ limit: 500 })).toReversed();
	// I3: everything that was recorded is there, once, in the order of recording.
	expect(entries.map(({ eventId }) => eventId)).toEqual(world.recorded.map(({ entry }) => entry.eventId));
	const counts = await world.outbox.counts();
	for (const status of ENTRY_STATUSES)
		expect([status, counts[status]]).toEqual([status, entries.filter((entry) => entry.status === status).length]);
	const proof = await world.outbox.proof(0);
	expect(proof.recorded).toBe(entries.length);
	expect(proof.accepted + proof.refused + proof.waiting + proof.voided).toBe(entries.length);
	// I2: what headquarters said for good stays said.
	for (const [eventId, status] of world.final) expect(entries.find((entry) => entry.eventId === eventId)?.status).toBe(status);
	const { incarnation, maxSeq } = world.outbox.state();
	const places = entries.map((entry) => `${entry.incarnation} ${entry.seq}`);
	expect(new Set(places).size).toBe(places.length);
	const current = entries.filter((entry) => entry.incarnation === incarnation).map(({ seq }) => seq);
	expect(current).toEqual(current.toSorted((left, right) => left - right));
	expect(Math.max(0, ...current)).toBeLessThanOrEqual(maxSeq);
	for (const entry of entries.filter(({ status }) => WAITING_STATUSES.some((waits) => waits === status))) {
		expect(entry.incarnation).toBe(incarnation);
		expect(entry.event.seq).toBe(entry.seq);
	}
}

test('I2, I3, I4: whatever happens to an outbox, nothing is lost, doubled, unsaid or out of order', { timeout: 120_000 }, async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 50 }), fc.integer({ min: 1, max: 1000 }), async (steps, seed) => {
			const world = await createWorld(seed);
			for (const step of steps) await run(world, step);
			await expectInvariants(world);
			await world.outbox.close();
			world.outbox = await world.reopen();
			await expectInvariants(world);
			await world.outbox.close();
			rmSync(world.folder, { recursive: true });
		}),
		{ numRuns: 25 },
	);
});
