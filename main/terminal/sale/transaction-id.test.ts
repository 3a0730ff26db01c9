import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventIdSchema } from '#shared/domain/ids.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { transactionIdOf } from './transaction-id.ts';

const code = fc.stringMatching(/^[A-Z0-9]{1,8}$/);
const anySale = fc.record({
	outletCode: code,
	terminalCode: code,
	day: fc.constantFrom('20261122', '19991231'),
	seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
	eventId: fc.uuid({ version: 7 }).map((id) => EventIdSchema.parse(id)),
});

test('names outlet, terminal, day and place, and ends in six letters of the event id', () => {
	const eventId = EventIdSchema.parse('0190f3a0-7c1e-7000-8000-000000000fff');
	expect(transactionIdOf({ outletCode: 'KOSS', terminalCode: 'T1', day: '20261122', seq: 17, eventId })).toBe('KOSS-T1-20261122-17-0003ZZ');
});

test('is at most 50 characters, for the longest codes and any place', () => {
	fc.assert(
		fc.property(anySale, (sale) => {
			const id = transactionIdOf(sale);
			expect(id.length).toBeLessThanOrEqual(50);
			expect(id).toMatch(/^[A-Z0-9]{1,8}-[A-Z0-9]{1,8}-\d{8}-\d+-[0-9A-HJKMNP-TV-Z]{6}$/);
			expect(transactionIdOf(sale)).toBe(id);
		}),
	);
	const longest = { outletCode: 'ABCDEFGH', terminalCode: 'ABCDEFGH', day: '20261122', seq: Number.MAX_SAFE_INTEGER };
	expect(transactionIdOf({ ...longest, eventId: EventIdSchema.parse('0190f3a0-7c1e-7000-8000-ffffffffffff') })).toHaveLength(50);
});

test('a place that is counted twice after a restore names two sales', () => {
	let byte = 0;
	const random = { fraction: () => 0, bytes: (count: number) => Uint8Array.from({ length: count }, () => (byte = (byte * 73 + 41) % 256)) };
	const ids = Array.from({ length: 2000 }, (_, index) => EventIdSchema.parse(uuidV7(1_795_333_200_000 + (index % 2), random)));
	const keys = ids.map((eventId) => transactionIdOf({ outletCode: 'KOSS', terminalCode: 'T1', day: '20261122', seq: 17, eventId }));
	expect(new Set(keys).size).toBe(new Set(ids.map((id) => id.slice(-8))).size);
});

test('equal exactly when place, day and the last 30 bits are', () => {
	fc.assert(
		fc.property(anySale, anySale, (one, other) => {
			const bits = (id: string): number => Number.parseInt(id.slice(-8), 16) % 2 ** 30;
			const twin = { ...one, eventId: other.eventId };
			expect(transactionIdOf(one) === transactionIdOf(twin)).toBe(bits(one.eventId) === bits(other.eventId));
			expect(transactionIdOf({ ...one, seq: one.seq === 1 ? 2 : 1 })).not.toBe(transactionIdOf(one));
		}),
	);
});

test.each([0, -1, 1.5])('asserts that %d is no place', (seq) => {
	const eventId = EventIdSchema.parse('0190f3a0-7c1e-7000-8000-000000000001');
	expect(() => transactionIdOf({ outletCode: 'K', terminalCode: 'T', day: '20261122', seq, eventId })).toThrow('counts from 1');
	expect(() => transactionIdOf({ outletCode: 'K', terminalCode: 'T', day: '2026-11-22', seq: 1, eventId })).toThrow('eight digits');
});
