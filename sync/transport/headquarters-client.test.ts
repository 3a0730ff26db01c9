import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventIdSchema, IncarnationSchema, TerminalIdSchema } from '#shared/domain/ids.ts';
import type { Timers } from '#shared/lib/clock.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { BODY_BYTES_MAX } from '#shared/wire/limits.ts';
import { readSignature, verifyRequest } from '../signing/escher.ts';
import type { CallerOptions } from './caller.ts';
import { answerJson, startFakeHttpServer } from './fake-http-server.ts';
import type { FakeHttpServer } from './fake-http-server.ts';
import { createHeadquartersClient } from './headquarters-client.ts';
import type { HeadquartersClient, TerminalPush } from './headquarters-client.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 9, 0, 0);
const KEY = { apiKey: 'terminal-1', apiSecret: 'a secret that is none' };
const realTimers: Timers = {
	after: (delayMs, run) => {
		const timer = setTimeout(run, delayMs);
		return () => clearTimeout(timer);
	},
};

const HEALTH = {
	status: 'ok',
	version: '1',
	protocol: 1,
	hq_epoch: 1,
	storage: 'pglite',
	members: 0,
	server_time: NOW_MS,
	is_signed: true,
};
const HELLO = {
	terminal: TerminalIdSchema.parse('0192f0c0-0000-7000-8000-000000000001'),
	incarnation: IncarnationSchema.parse('00000000000000aa'),
	app_version: '1.0.0',
	protocol: 1,
	hq_epoch: 1,
	max_seq: 0,
	sent_at: NOW_MS,
	programme_version: 0,
};
const HELLO_ANSWER = { hq_epoch: 1, known_max_seq: 0, server_time: NOW_MS, protocol: 1 };

function push(count: number, padding = ''): TerminalPush {
	const events = Array.from({ length: count }, (_, index) =>
		WireEventSchema.parse({
			customer: 'm1',
			action: 'point_add',
			data: { points: 1, reason: padding },
			event_id: EventIdSchema.parse(`0192f0c0-0000-7000-8000-${String(index).padStart(12, '0')}`),
			seq: index + 1,
		}),
	);
	return { terminal: HELLO.terminal, incarnation: HELLO.incarnation, sent_at: NOW_MS, hq_epoch: 1, events };
}

let server: FakeHttpServer;
const openClient = (more: Partial<CallerOptions> = {}): HeadquartersClient =>
	createHeadquartersClient({
		hqUrl: server.url,
		key: KEY,
		skewMs: () => 0,
		clock: { nowMs: () => NOW_MS, monotonicMs: () => 0, bootId: 'boot' },
		timers: realTimers,
		...more,
	});

beforeEach(async () => {
	server = await startFakeHttpServer();
});
afterEach(() => server.close());

describe('signing', () => {
	test('every call but health and pair carries a signature that headquarters accepts', async () => {
		server.answerWith((_request, response) => answerJson(response, HELLO_ANSWER));
		const client = openClient();
		await client.hello(HELLO);
		await client.outcomes(3);
		await client.push(push(1));
		expect(server.seen.map((seen) => `${seen.method} ${seen.path}`)).toEqual([
			'POST /terminals/hello',
			'GET /outcomes?after=3',
			'POST /events/bulk',
		]);
		for (const seen of server.seen) {
			const claim = readSignature(seen.headers.authorization);
			const headers = { host: seen.headers.host ?? '', date: seen.headers.date ?? '' };
			const request = { method: seen.method, path: seen.path, headers, body: seen.body };
			const verified = claim.ok ? verifyRequest(request, claim.value, { apiSecret: KEY.apiSecret, nowMs: NOW_MS }) : claim;
			expect(verified).toEqual({ ok: true, value: true });
		}
		server.answerWith((_request, response) => answerJson(response, HEALTH));
		expect((await client.health()).ok).toBe(true);
		expect(server.seen.at(-1)?.headers.authorization).toBeUndefined();
	});

	test('is by headquarters’ time when the terminal’s clock is known to be wrong', async () => {
		server.answerWith((_request, response) => answerJson(response, HELLO_ANSWER));
		await openClient({ skewMs: () => -86_400_000 }).hello(HELLO);
		expect(Date.parse(server.seen[0]?.headers.date ?? '')).toBe(NOW_MS - 86_400_000);
	});

	test('a path in the address is kept and signed', async () => {
		server.answerWith((_request, response) => answerJson(response, HELLO_ANSWER));
		await openClient({ hqUrl: `${server.url}/loyalty` }).hello(HELLO);
		expect(server.seen[0]?.path).toBe('/loyalty/terminals/hello');
	});
});

describe('what can go wrong on the line', () => {
	test('nobody listens: unreachable', async () => {
		const { url } = server;
		await server.close();
		const client = openClient({ hqUrl: url });
		expect(await client.hello(HELLO)).toMatchObject({
			ok: false,
			error: { kind: 'unreachable', error: { code: 'LINE-101', verdict: 'retry_later' } },
		});
		expect(await client.push(push(1))).toMatchObject({ ok: false, error: { kind: 'unreachable', error: { verdict: 'unknown' } } });
		server = await startFakeHttpServer();
	});

	test('the name has no address: unreachable', async () => {
		const client = openClient({ hqUrl: 'http://headquarters.invalid' });
		expect(await client.health()).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
	});

	test('the connection is reset before the answer: cut, and a push is unknown', async () => {
		server.answerWith((_request, response) => response.socket?.resetAndDestroy());
		expect(await openClient().push(push(1))).toMatchObject({
			ok: false,
			error: { kind: 'cut', error: { code: 'LINE-101', verdict: 'unknown' } },
		});
	});
});

describe('a broken exchange', () => {
	test('the body ends before its length: cut', async () => {
		server.answerWith((_request, response) => {
			response.writeHead(200, { 'content-length': '500' });
			response.write('{"hq_epoch":1,', () => response.socket?.destroy());
		});
		expect(await openClient().hello(HELLO)).toMatchObject({ ok: false, error: { kind: 'cut' } });
	});

	test('no answer within the limit: late, and the connection is given up', async () => {
		server.answerWith(() => undefined);
		const limits = { push: { answerMs: 30, stallMs: 60_000, overallMs: 60_000, bytesMax: 1000 } };
		expect(await openClient({ limits }).push(push(1))).toMatchObject({
			ok: false,
			error: { kind: 'late', error: { code: 'LINE-102', verdict: 'unknown' } },
		});
		await server.allClosed();
	});
});

describe('an answer that does not end well', () => {
	test('an answer that stops in the middle: late', async () => {
		server.answerWith((_request, response) => {
			response.writeHead(200);
			response.write('{"hq_epoch"');
		});
		const limits = { hello: { answerMs: 60_000, stallMs: 30, overallMs: 60_000, bytesMax: 1000 } };
		expect(await openClient({ limits }).hello(HELLO)).toMatchObject({ ok: false, error: { kind: 'late' } });
	});

	test('an answer that drips for ever: late at the limit of the whole call', async () => {
		const drips: NodeJS.Timeout[] = [];
		server.answerWith((_request, response) => {
			response.writeHead(200);
			drips.push(setInterval(() => response.write(' '), 5));
		});
		const limits = { hello: { answerMs: 60_000, stallMs: 60_000, overallMs: 100, bytesMax: 1_000_000 } };
		expect(await openClient({ limits }).hello(HELLO)).toMatchObject({ ok: false, error: { kind: 'late' } });
		drips.forEach(clearInterval);
	});

	test('an answer above the limit is not read to its end', async () => {
		server.answerWith((_request, response) => {
			response.writeHead(200);
			const more = (): void => {
				while (response.writable && response.write(' '.repeat(10_000)));
			};
			response.on('drain', more);
			more();
		});
		const limits = { hello: { answerMs: 60_000, stallMs: 60_000, overallMs: 60_000, bytesMax: 50_000 } };
		expect(await openClient({ limits }).hello(HELLO)).toMatchObject({
			ok: false,
			error: { kind: 'not_understood', error: { detail: 'more than 50000 bytes' } },
		});
	});

	test('the caller gives up: aborted', async () => {
		const controller = new AbortController();
		server.answerWith(() => controller.abort());
		expect(await openClient().hello(HELLO, controller.signal)).toMatchObject({ ok: false, error: { kind: 'aborted' } });
		expect(await openClient().hello(HELLO, controller.signal)).toMatchObject({ ok: false, error: { kind: 'aborted' } });
	});
});

describe('what headquarters may say', () => {
	test.each([
		[401, WIRE_CODES.signatureWrong, 'unauthorised'],
		[403, WIRE_CODES.terminalRevoked, 'revoked'],
		[410, WIRE_CODES.resyncNeeded, 'resync'],
		[413, WIRE_CODES.bodyTooLarge, 'request_refused'],
		[426, WIRE_CODES.terminalTooOld, 'too_old'],
		[500, WIRE_CODES.internal, 'fault'],
	] as const)('%i with code %i is %s', async (status, code, kind) => {
		server.answerWith((_request, response) => answerJson(response, { error: { type: 'refused', code, message: 'words' } }, status));
		expect(await openClient().push(push(1))).toMatchObject({ ok: false, error: { kind } });
	});

	test('429 with a time to come back', async () => {
		server.answerWith((_request, response) =>
			answerJson(response, { error: { type: 'busy', code: WIRE_CODES.rateLimited, message: 'later' }, retry_after_ms: 2500 }, 429),
		);
		expect(await openClient().push(push(1))).toMatchObject({
			ok: false,
			error: { kind: 'busy', error: { code: 'LINE-103', retryAfterMs: 2500, verdict: 'retry_later' } },
		});
	});

	test('503 with the header of a proxy', async () => {
		server.answerWith((_request, response) => response.writeHead(503, { 'retry-after': '7' }).end('<html>'));
		expect(await openClient().health()).toMatchObject({ ok: false, error: { kind: 'busy', error: { retryAfterMs: 7000 } } });
	});

	test('a snapshot in preparation', async () => {
		const error = { type: 'preparing', code: WIRE_CODES.snapshotPreparing, message: 'soon' };
		server.answerWith((_request, response) => answerJson(response, { error, retry_after_ms: 500, progress: { done: 10, total: 40 } }, 503));
		expect(await openClient().snapshotManifest(null)).toMatchObject({
			ok: false,
			error: { kind: 'preparing', progress: { done: 10, total: 40 } },
		});
	});
});

describe('an answer that is none', () => {
	test('the log-in page of a guest network is not headquarters', async () => {
		server.answerWith((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>'));
		expect(await openClient().push(push(1))).toMatchObject({ ok: false, error: { kind: 'unreachable', error: { verdict: 'unknown' } } });
		server.answerWith((_request, response) => response.writeHead(302, { location: `${server.url}/login` }).end());
		expect(await openClient().push(push(1))).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
		expect(server.seen.map((seen) => seen.path)).not.toContain('/login');
	});

	test('an answer of another form names the place and not the value', async () => {
		server.answerWith((_request, response) => answerJson(response, { ...HELLO_ANSWER, hq_epoch: 'Anna Example' }));
		const result = await openClient().hello(HELLO);
		expect(result).toMatchObject({
			ok: false,
			error: { kind: 'not_understood', error: { code: 'LINE-107', detail: 'hq_epoch invalid_type' } },
		});
		expect(JSON.stringify(result)).not.toContain('Anna');
	});

	test('a wrong pairing code', async () => {
		const error = { type: 'refused', code: WIRE_CODES.pairingCodeWrong, message: 'used' };
		server.answerWith((_request, response) => answerJson(response, { error }, 401));
		const result = await openClient({ key: null }).pair({ code: '7KQ2-M9XD', app_version: '1', protocol: 1 });
		expect(result).toMatchObject({ ok: false, error: { kind: 'pairing_code_wrong', error: { code: 'LINE-106' } } });
	});
});

test('a push above the limit of a body is refused here and never sent', async () => {
	const request = push(400, 'x'.repeat(200)).events;
	const events = Array.from({ length: Math.ceil(BODY_BYTES_MAX / 300 / 400) + 1 }, () => request).flat();
	expect(await openClient().push({ ...push(1), events })).toMatchObject({ ok: false, error: { kind: 'request_refused' } });
	expect(server.seen).toEqual([]);
});

test('an address that is none is a defect of the configuration', () => {
	expect(() => openClient({ hqUrl: 'ftp://example.com' })).toThrow(TypeError);
});
