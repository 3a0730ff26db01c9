import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';

test('yields in order although later ones are ready first, never more than asked ahead', async () => {
	let underWay = 0;
	let mostUnderWay = 0;
	const start = async (item: number): Promise<number> => {
		underWay += 1;
		mostUnderWay = Math.max(mostUnderWay, underWay);
		for (let turn = 0; turn < 20 - item; turn += 1) await Promise.resolve();
		underWay -= 1;
		return item * 10;
	};
	const seen: number[] = [];
	for await (const value of inOrder([1, 2, 3, 4, 5, 6], 2, start)) seen.push(value);
	expect(seen).toEqual([10, 20, 30, 40, 50, 60]);
	expect(mostUnderWay).toBeLessThanOrEqual(3);
	expect(mostUnderWay).toBeGreaterThan(1);
});

test('stopping early starts nothing more and waits for what is under way', async () => {
	const started: number[] = [];
	const ended: number[] = [];
	const start = async (item: number): Promise<number> => {
		started.push(item);
		for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
		ended.push(item);
		return item;
	};
	for await (const value of inOrder([1, 2, 3, 4, 5], 1, start)) if (value === 1) break;
	expect(started).toEqual([1, 2]);
	expect(ended).toEqual([1, 2]);
});
