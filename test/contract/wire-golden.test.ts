import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { CustomerSchema } from '#shared/wire/customer.ts';
import { DigestsResponseSchema } from '#shared/wire/digest.ts';
import { DevicesResponseSchema } from '#shared/wire/devices.ts';
import { ErrorEnvelopeSchema } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import { HealthResponseSchema } from '#shared/wire/health.ts';
import { HelloRequestSchema, HelloResponseSchema } from '#shared/wire/hello.ts';
import { MEMBER_COLUMNS, MemberRowSchema } from '#shared/wire/member-row.ts';
import { MergeRequestSchema, MergeResponseSchema } from '#shared/wire/merge.ts';
import { OutcomesResponseSchema } from '#shared/wire/outcomes.ts';
import { OwnEventsResponseSchema } from '#shared/wire/own-events.ts';
import { PairRequestSchema, PairResponseSchema } from '#shared/wire/pairing.ts';
import { OutcomeStatusSchema, PushRequestSchema, PushResponseSchema } from '#shared/wire/push.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url);

/** A request as headquarters reads it: the envelope, then every item on its own. */
const WholePushSchema = PushRequestSchema.extend({ events: z.array(WireEventSchema) });

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
	'customer.json': CustomerSchema,
	'digests-response.json': DigestsResponseSchema,
	'devices-response.json': DevicesResponseSchema,
	'error-envelope.json': ErrorEnvelopeSchema,
	'feed-header.json': FeedHeaderSchema,
	'health-response.json': HealthResponseSchema,
	'hello-request.json': HelloRequestSchema,
	'hello-response.json': HelloResponseSchema,
	'member-rows.json': z.array(MemberRowSchema),
	'merge-request.json': MergeRequestSchema,
	'merge-response.json': MergeResponseSchema,
	'outcomes-response.json': OutcomesResponseSchema,
	'own-events-response.json': OwnEventsResponseSchema,
	'pair-request.json': PairRequestSchema,
	'pair-response.json': PairResponseSchema,
	'push-request.json': WholePushSchema,
	'push-response.json': PushResponseSchema,
	'seed-event-by-external-id.json': WireEventSchema,
	'seed-events-bulk.json': WholePushSchema,
	'snapshot-manifest.json': SnapshotManifestSchema,
};

/** Of the vendor's own documents, with fields that ours has under the same names besides more of its own. */
const NOT_OURS = ['seed-customer.json', 'schema-hashes.json'];

function read(name: string): unknown {
	return JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
}

test('every fixture has its schema', () => {
	expect(readdirSync(FIXTURES).toSorted()).toEqual([...Object.keys(SCHEMAS), ...NOT_OURS].toSorted());
});

test.each(Object.entries(SCHEMAS))('%s is read and written again to the same values', (name, schema) => {
	const golden = read(name);
	const written: unknown = JSON.parse(JSON.stringify(schema.parse(golden)));
	expect(written).toEqual(golden);
});

test('the fixtures show every action, every outcome and every column of a member', () => {
	const pushed = WholePushSchema.parse(read('push-request.json')).events.concat(
		WholePushSchema.parse(read('seed-events-bulk.json')).events,
	);
	expect(new Set(pushed.map((event) => event.action))).toEqual(new Set(WireEventSchema.options.map((option) => option.shape.action.value)));
	const answered = PushResponseSchema.parse(read('push-response.json')).results;
	expect(new Set(answered.map((result) => result.status))).toEqual(new Set(OutcomeStatusSchema.options));
	for (const row of z.array(z.array(z.unknown())).parse(read('member-rows.json'))) expect(row).toHaveLength(MEMBER_COLUMNS.length);
});

test('the seed’s bulk body mixes customer ids and external ids, and each item says which', () => {
	const { events } = WholePushSchema.parse(read('seed-events-bulk.json'));
	expect(events.map((event) => [event.action, event.external_id ?? 'id'])).toEqual([
		['opt_in', 'id'],
		['profile', 'loyalty_barcode'],
		['point_add', 'id'],
	]);
});

test('one bad item does not cost the others: the envelope is read without it', () => {
	const bulk = z.object({ events: z.array(z.unknown()) }).parse(read('seed-events-bulk.json'));
	bulk.events[1] = { customer: 'CUST000001', action: 'no_such_action' };
	const request = PushRequestSchema.parse(bulk);
	expect(request.events.map((event) => WireEventSchema.safeParse(event).success)).toEqual([true, false, true]);
});

test('our customer object has every field of the seed’s, of the same type', () => {
	const seed = z.record(z.string(), z.unknown()).parse(read('seed-customer.json'));
	for (const [field, value] of Object.entries(seed)) {
		const schema = must(Object.entries(CustomerSchema.shape).find(([name]) => name === field)?.[1], field);
		expect([field, schema.safeParse(value).success]).toEqual([field, true]);
	}
});

test('attributes that we do not know survive in events and profiles, and do not in answers', () => {
	const event = WireEventSchema.parse({ customer: 'CUST000001', action: 'profile', data: { shoe_size: 42 } });
	expect(event.data).toEqual({ shoe_size: 42 });
	const answer = FeedHeaderSchema.parse({ ...z.record(z.string(), z.unknown()).parse(read('feed-header.json')), of_a_later_version: 1 });
	expect(answer).not.toHaveProperty('of_a_later_version');
});
