import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assert } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { startBadLine } from './bad-line.ts';
import type { BadLine, Exchange } from './bad-line.ts';
import { drawWeather, FAIR, isOutage, STORMY } from './weather.ts';
import type { Climate, Fault } from './weather.ts';

const ANSWER = 'a'.repeat(1000);

let upstream: Server;
let line: BadLine;
let received: string[];
let exchanges: Exchange[];

beforeEach(async () => {
	[received, exchanges] = [[], []];
	upstream = createServer((request, response) => {
		void (async () => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			received.push(Buffer.concat(chunks).toString());
			response.end(ANSWER);
		})();
	});
	upstream.listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const address = upstream.address();
	assert(address !== null && typeof address === 'object', 'a port');
	line = await startBadLine({
		targetUrl: `http://127.0.0.1:${address.port}`,
		climate: FAIR,
		random: seededRandom(7),
		onExchange: (exchange) => exchanges.push(exchange),
	});
});

afterEach(async () => {
	await line.close();
	upstream.close();
});

function always(fault: Exclude<Fault, 'none'>): Climate {
	return { ...FAIR, shares: { [fault]: 1 } };
}

/** The answer's text, or `null` when it did not arrive whole. */
async function send(signal?: AbortSignal): Promise<string | null> {
	try {
		const answer = await fetch(line.url, { method: 'POST', body: 'points', ...(signal === undefined ? {} : { signal }) });
		return await answer.text();
	} catch (cause) {
		// What fetch throws for a broken connection.
		if (cause instanceof TypeError || (cause instanceof DOMException && cause.name === 'AbortError')) return null;
		throw cause;
	}
}

test('in fair weather a request and its answer pass unchanged', async () => {
	expect(await send()).toBe(ANSWER);
	expect(received).toEqual(['points']);
	expect(exchanges).toMatchObject([{ method: 'POST', path: '/', status: 200, fault: 'none' }]);
});

test.each([
	{ fault: 'refuse', arrives: 0 },
	{ fault: 'lose_answer', arrives: 1 },
	{ fault: 'cut_answer', arrives: 1 },
] as const)('$fault: headquarters gets it $arrives times, the caller has no answer', async ({ fault, arrives }) => {
	line.setClimate(always(fault));
	expect(await send()).toBeNull();
	expect(received).toHaveLength(arrives);
	expect(line.faults()).toEqual({ [fault]: 1 });
});

test('duplicate: headquarters gets it twice, the caller one answer', async () => {
	line.setClimate(always('duplicate'));
	expect(await send()).toBe(ANSWER);
	await expect.poll(() => received.length).toBe(2);
});

test.each([
	{ fault: 'stall', arrives: 0 },
	{ fault: 'late', arrives: 1 },
] as const)('$fault: after the caller has given up headquarters gets it $arrives times', async ({ fault, arrives }) => {
	line.setClimate(always(fault));
	const givingUp = new AbortController();
	const sent = send(givingUp.signal);
	await expect.poll(() => line.faults()[fault]).toBe(1);
	expect(received).toEqual([]);
	givingUp.abort();
	expect(await sent).toBeNull();
	line.setClimate(FAIR);
	expect(await send()).toBe(ANSWER);
	await expect.poll(() => received.length).toBe(1 + arrives);
});

test('the same seed draws the same weather, and every fault as often as it says', () => {
	const [one, two] = [seededRandom(3), seededRandom(3)];
	const counts = new Map<Fault, number>();
	const draws = 20_000;
	for (let index = 0; index < draws; index += 1) {
		const draw = drawWeather(STORMY, one);
		expect(drawWeather(STORMY, two)).toEqual(draw);
		counts.set(draw.fault, (counts.get(draw.fault) ?? 0) + 1);
	}
	for (const [fault, share] of Object.entries(STORMY.shares)) {
		const found = [...counts].find(([name]) => name === fault)?.[1] ?? 0;
		expect(Math.abs(found / draws - share)).toBeLessThan(0.005);
	}
});

test('the line is dead at the end of each interval', () => {
	expect([0, 49_999, 50_000, 59_999, 60_000, 110_000].map((elapsedMs) => isOutage(STORMY, elapsedMs))).toEqual([
		false,
		false,
		true,
		true,
		false,
		true,
	]);
	expect(isOutage(FAIR, 1e9)).toBe(false);
});
