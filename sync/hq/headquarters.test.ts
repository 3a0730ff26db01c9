import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assert } from '#shared/lib/assert.ts';
import { ErrorEnvelopeSchema } from '#shared/wire/error-envelope.ts';
import { OPERATOR_KEY, startFakeHeadquarters } from './fake-running.ts';
import { openFakeHeadquarters } from './feed/fake-context.ts';
import { startHeadquarters } from './headquarters.ts';
import { call } from './http/fake-client.ts';
import { createServer } from './http/server.ts';
import { DEFAULT_PROGRAMME } from './programme.ts';
import { openPglite } from './storage/pglite.ts';
import type { Database } from './storage/database.ts';

let database: Database;
beforeAll(async () => {
	database = await openPglite();
});
afterAll(() => database.close());

/** The tests' database stays open when a headquarters ends. */
const borrowed = (): Database => ({ ...database, close: () => Promise.resolve() });

test('an unsigned headquarters takes a key without a signature, and still checks one that is there', async () => {
	const hq = await startFakeHeadquarters({ database: borrowed(), isUnsigned: true });
	expect((await hq.call({ path: '/ledger/check?api_key=operator' })).status).toBe(200);
	expect((await hq.call({ path: '/ledger/check?api_key=nobody' })).status).toBe(401);
	expect((await hq.call({ path: '/ledger/check' })).status).toBe(401);
	expect((await hq.call({ path: '/ledger/check', key: { ...OPERATOR_KEY, apiSecret: 'x' } })).status).toBe(401);
	expect((await hq.call({ path: '/health' })).body).toMatchObject({ is_signed: false });
	await hq.close();
});

test('a programme of other content gets a higher version, the same content keeps it', async () => {
	const versions: number[] = [];
	for (const programme of [DEFAULT_PROGRAMME, { ...DEFAULT_PROGRAMME, name: 'Other' }, { ...DEFAULT_PROGRAMME, name: 'Other' }]) {
		const hq = await startFakeHeadquarters({ database: borrowed(), programme });
		versions.push(hq.context.programme().version);
		await hq.close();
	}
	expect(versions).toEqual([1, 2, 2]);
});

test('the demonstration’s people come once, and raise the version', async () => {
	const first = await startFakeHeadquarters({ database: borrowed(), hasDemonstrationRoster: true });
	const second = await startFakeHeadquarters({ database: borrowed(), hasDemonstrationRoster: true });
	expect(first.context.cashiers().map((cashier) => cashier.displayName)).toEqual(['Éva K.', 'Márk T.', 'Anna Sz.']);
	expect(second.context.cashiers()).toEqual(first.context.cashiers());
	expect(second.context.programme().version).toBe(3);
	await first.close();
	await second.close();
});

test('a folder has one headquarters', async () => {
	const hq = await startFakeHeadquarters({ database: borrowed() });
	expect(await startHeadquarters({ dataDir: hq.context.dataDir, database: borrowed() })).toMatchObject({
		ok: false,
		error: { pid: process.pid },
	});
	await hq.close();
});

test('a database of an older epoch than the folder has kept is not served, until somebody says that it was restored', async () => {
	const dataDir = mkdtempSync(join(tmpdir(), 'regulars-hq-'));
	const options = { dataDir, logger: pino({ level: 'silent' }) };
	const first = await startHeadquarters({ ...options, database: borrowed() });
	assert(first.ok, 'it starts');
	const { epoch } = first.value.context;
	await first.value.close();
	writeFileSync(join(dataDir, 'epoch.json'), JSON.stringify({ epoch: epoch + 4 }));
	expect(await startHeadquarters({ ...options, database: borrowed() })).toEqual({
		ok: false,
		error: { databaseEpoch: epoch, keptEpoch: epoch + 4 },
	});
	const restored = await startHeadquarters({ ...options, database: borrowed(), isRestored: true });
	assert(restored.ok, 'it starts');
	expect(restored.value.context.epoch).toBe(epoch + 5);
	await restored.value.close();
	rmSync(dataDir, { recursive: true, force: true });
});

test('closing ends an answer that is held back, and a connection that says nothing', async () => {
	const hq = await startFakeHeadquarters({ database: borrowed() });
	const { hostname, port } = new URL(hq.url);
	const silent = connect(Number(port), hostname);
	await hq.feed.publisher.publishAll();
	const feed = await hq.call({ path: '/feed', key: OPERATOR_KEY });
	expect([200, 410]).toContain(feed.status);
	await Promise.race([hq.close(), wait(10_000, 'late').then((late) => Promise.reject(new Error(late)))]);
	silent.destroy();
});

test('a request that arrives while headquarters stops is told to come back', async () => {
	const office = await openFakeHeadquarters(borrowed());
	const { app } = createServer(office.context, { operatorKey: OPERATOR_KEY, isUnsigned: false, version: '1' });
	const url = await app.listen({ host: '127.0.0.1', port: 0 });
	expect((await call(url, { path: '/health' })).status).toBe(200);
	office.stopAll();
	const answer = await call(url, { path: '/health' });
	expect(answer.status).toBe(503);
	expect(ErrorEnvelopeSchema.parse(answer.body).retry_after_ms).toBeGreaterThan(0);
	await app.close();
	await office.close();
});
