import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { IncarnationSchema, TerminalIdSchema } from '#shared/domain/ids.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import { HealthResponseSchema } from '#shared/wire/health.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import { OutcomesResponseSchema } from '#shared/wire/outcomes.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { createFakeHeadquarters } from './fake-headquarters.ts';
import type { FakeHeadquarters } from './fake-headquarters.ts';
import { toCursor } from './fake-feed.ts';
import { openMember } from './fake-ledger.ts';
import type { TerminalPush } from './headquarters-client.ts';
import { createPartialFile } from './partial-file.ts';

function open(): { time: FakeTime; hq: FakeHeadquarters; after: <T>(call: Promise<T>, ms?: number) => Promise<T> } {
	const time = createFakeTime({ settle: () => setImmediate() });
	const hq = createFakeHeadquarters(time);
	return {
		time,
		hq,
		after: async (call, ms = 100) => {
			await time.advance(ms);
			return call;
		},
	};
}

function pushOf(memberId: string, number: number): TerminalPush {
	const [eventId, seq] = [`0192f0c0-0000-7000-8000-00000000000${number}`, number];
	const event = WireEventSchema.parse({ customer: memberId, action: 'point_add', data: { points: 5 }, event_id: eventId, seq });
	return {
		terminal: TerminalIdSchema.parse('0192f0c0-0000-7000-8000-000000000001'),
		incarnation: IncarnationSchema.parse('00000000000000aa'),
		sent_at: 0,
		hq_epoch: 1,
		events: [event],
	};
}

test('answers are those of the wire', async () => {
	const { hq, after } = open();
	openMember(hq.ledger(), 'm1', 100);
	const pushed = await after(hq.client.push(pushOf('m1', 1)));
	expect(PushResponseSchema.safeParse(pushed.ok && pushed.value).success).toBe(true);
	const outcomes = await after(hq.client.outcomes(0));
	expect(OutcomesResponseSchema.safeParse(outcomes.ok && outcomes.value).success).toBe(true);
	const manifest = await after(hq.client.snapshotManifest(null));
	expect(SnapshotManifestSchema.safeParse(manifest.ok && manifest.value).success).toBe(true);
	const health = await after(hq.client.health());
	expect(HealthResponseSchema.safeParse(health.ok && health.value).success).toBe(true);
	const page = await after(hq.client.feed({ cursor: toCursor(1, 0) }));
	expect(page.ok && FeedHeaderSchema.safeParse(page.value.header).success).toBe(true);
	const rows: unknown = JSON.parse(new TextDecoder().decode(page.ok ? page.value.lines[0] : undefined));
	expect(MemberRowSchema.array().safeParse(rows).success).toBe(true);
});

test('an event counts once, also when the first answer was lost', async () => {
	const { hq, after } = open();
	const member = openMember(hq.ledger(), 'm1', 100);
	hq.line.fault('push', 'lose_answer');
	expect(await after(hq.client.push(pushOf('m1', 1)))).toMatchObject({ ok: false, error: { kind: 'cut', error: { verdict: 'unknown' } } });
	expect(await after(hq.client.push(pushOf('m1', 1)))).toMatchObject({
		ok: true,
		value: { results: [{ status: 'duplicate', points: 5 }] },
	});
	expect(hq.ledger().members.get(member)?.points).toBe(105);
});

test('an unknown member defers and stores nothing; a taken place is a fork', async () => {
	const { hq, after } = open();
	expect(await after(hq.client.push(pushOf('m1', 1)))).toMatchObject({ value: { results: [{ status: 'deferred' }] } });
	openMember(hq.ledger(), 'm1', 0);
	expect(await after(hq.client.push(pushOf('m1', 1)))).toMatchObject({ value: { results: [{ status: 'applied' }] } });
	const [other] = pushOf('m1', 2).events;
	const forked = { ...pushOf('m1', 2), events: other === undefined ? [] : [{ ...other, seq: 1 }] };
	expect(await after(hq.client.push(forked))).toMatchObject({ value: { results: [{ status: 'fork' }] } });
});

test('a lost file leaves half of its bytes, and only the rest goes over the line again', async () => {
	const { hq, after } = open();
	openMember(hq.ledger(), 'm1', 0);
	const manifest = await after(hq.client.snapshotManifest(null));
	const [file] = manifest.ok ? manifest.value.files : [];
	if (file === undefined) throw new Error('a snapshot of one member has a file');
	const partial = createPartialFile(file.bytes);
	hq.line.fault('file', 'lose_answer');
	expect(await after(hq.client.snapshotFile(file, partial))).toMatchObject({ ok: false });
	expect(partial.length()).toBe(Math.floor(file.bytes / 2));
	expect(await after(hq.client.snapshotFile(file, partial))).toMatchObject({ ok: true });
	expect(hq.fileBytes()).toBe(file.bytes);
});

test('a restore forgets what came after the backup, raises the epoch and ends old cursors', async () => {
	const { hq, after } = open();
	const member = openMember(hq.ledger(), 'm1', 0);
	const backup = hq.backup();
	await after(hq.client.push(pushOf('m1', 1)));
	hq.restore(backup);
	expect(hq.ledger().members.get(member)?.points).toBe(0);
	expect(await after(hq.client.feed({ cursor: toCursor(1, 0) }))).toMatchObject({ ok: false, error: { kind: 'resync' } });
	hq.restore(backup);
	expect(await after(hq.client.health())).toMatchObject({ value: { hq_epoch: 3 } });
});

test('a long poll is held until there is something new, and can be given up', async () => {
	const { time, hq, after } = open();
	const controller = new AbortController();
	const given = hq.client.feed({ cursor: toCursor(1, 0), waitMs: 20_000 }, controller.signal);
	const held = hq.client.feed({ cursor: toCursor(1, 0), waitMs: 20_000 });
	await time.advance(5_000);
	controller.abort();
	expect(await after(given)).toMatchObject({ ok: false, error: { kind: 'aborted' } });
	openMember(hq.ledger(), 'm1', 0);
	expect(await after(held, 1_000)).toMatchObject({ ok: true, value: { header: { rows: 1 } } });
});
