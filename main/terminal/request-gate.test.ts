import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { createRequestGate } from './request-gate.ts';

type Outcome = Result<string, LoyaltyError>;

/** Work that ends when the test says so. */
function workOf(): { readonly run: () => Promise<Outcome>; readonly end: (outcome: Outcome) => void; readonly starts: () => number } {
	const ending = Promise.withResolvers<Outcome>();
	let starts = 0;
	return {
		run: () => {
			starts += 1;
			return ending.promise;
		},
		end: ending.resolve,
		starts: () => starts,
	};
}

test('two calls with one request id are one call with one answer, while it runs and afterwards', async () => {
	const gate = createRequestGate();
	const work = workOf();
	const first = gate.run('earn 1', work.run);
	const second = gate.run('earn 1', work.run);
	work.end(ok('recorded'));
	expect(await Promise.all([first, second, gate.run('earn 1', work.run)])).toEqual([ok('recorded'), ok('recorded'), ok('recorded')]);
	expect(work.starts()).toBe(1);
});

test('work runs one after the other, in the order of the calls', async () => {
	const gate = createRequestGate();
	const [slow, fast] = [workOf(), workOf()];
	const order: string[] = [];
	const first = gate.run('1', slow.run).then(() => order.push('first'));
	const second = gate.run('2', fast.run).then(() => order.push('second'));
	fast.end(ok('fast'));
	await Promise.resolve();
	expect(fast.starts()).toBe(0);
	slow.end(ok('slow'));
	await Promise.all([first, second]);
	expect(order).toEqual(['first', 'second']);
});

test('a refusal is told to all who asked and is not kept: the same request may be made again', async () => {
	const gate = createRequestGate();
	const refused = workOf();
	const both = [gate.run('1', refused.run), gate.run('1', refused.run)];
	refused.end(fail(terminalError('SALE-103')));
	expect(await Promise.all(both)).toEqual([fail(terminalError('SALE-103')), fail(terminalError('SALE-103'))]);
	expect(await gate.run('1', async () => Promise.resolve(ok('confirmed')))).toEqual(ok('confirmed'));
});

test('a defect is the caller’s own: what waits behind it runs all the same', async () => {
	const gate = createRequestGate();
	const broken = gate.run('1', async () => Promise.reject(new Error('defect')));
	const next = gate.run('2', async () => Promise.resolve(ok('fine')));
	await expect(broken).rejects.toThrow('defect');
	expect(await next).toEqual(ok('fine'));
	expect(await gate.run('1', async () => Promise.resolve(ok('again')))).toEqual(ok('again'));
});

test('is idle when all work has ended', async () => {
	const gate = createRequestGate();
	await gate.idle();
	const work = workOf();
	const running = gate.run('1', work.run);
	let isIdle = false;
	const idle = gate.idle().then(() => {
		isIdle = true;
	});
	await Promise.resolve();
	expect(isIdle).toBe(false);
	work.end(ok('done'));
	await Promise.all([running, idle]);
	expect(isIdle).toBe(true);
});

test('keeps the last five hundred answers', async () => {
	const gate = createRequestGate();
	let runs = 0;
	const ask = async (id: number): Promise<unknown> =>
		gate.run(String(id), async () => {
			runs += 1;
			return Promise.resolve(ok(id));
		});
	for (let id = 0; id < 501; id += 1) await ask(id);
	await ask(500);
	expect(runs).toBe(501);
	await ask(0);
	expect(runs).toBe(502);
});
