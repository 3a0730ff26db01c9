import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { z } from 'zod';
import { assert, must } from '#shared/lib/assert.ts';

/**
 * A receiver of events that keeps no list of what it has had, as an endpoint is without further thought: `POST /events` books each event of
 * the array that it is sent. Beside it as much of a CouchDB database `/db` as a replication to it asks for
 * (https://docs.couchdb.org/en/stable/replication/protocol.html), where a document of one id is one document however often it comes.
 */
export type PlainLedger = {
	readonly url: string;
	/** `booked` counts every booking, `known` the different ids among them. */
	readonly counts: () => { readonly booked: number; readonly known: number };
	readonly requests: () => number;
	readonly close: () => Promise<void>;
};

const EventsSchema = z.array(z.object({ id: z.string() }));
const RevisionsSchema = z.record(z.string(), z.array(z.string()));
const DocumentsSchema = z.object({ docs: z.array(z.object({ _id: z.string(), _rev: z.string() })) });

type Ledger = {
	booked: number;
	requests: number;
	readonly ids: Set<string>;
	readonly revisions: Map<string, string>;
	readonly local: Map<string, unknown>;
};

export async function startPlainLedger(): Promise<PlainLedger> {
	const ledger: Ledger = { booked: 0, requests: 0, ids: new Set(), revisions: new Map(), local: new Map() };
	const server = createServer((request, response) => {
		void serve(ledger, request, response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${portOf(server)}`,
		counts: () => ({ booked: ledger.booked, known: ledger.ids.size }),
		requests: () => ledger.requests,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

async function serve(ledger: Ledger, request: IncomingMessage, response: ServerResponse): Promise<void> {
	ledger.requests += 1;
	const chunks: Buffer[] = [];
	for await (const chunk of request) {
		assert(chunk instanceof Buffer, 'a request without an encoding comes as bytes');
		chunks.push(chunk);
	}
	const text = Buffer.concat(chunks).toString('utf8');
	const { status, body } = answer(ledger, request, text === '' ? null : JSON.parse(text));
	const bytes = Buffer.from(JSON.stringify(body));
	response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
	response.end(bytes);
}

type Answer = { readonly status: number; readonly body: unknown };

function answer(ledger: Ledger, { url = '/', method }: IncomingMessage, body: unknown): Answer {
	const path = must(url.split('?', 1)[0], 'a path').replace(/^\/db\/$/, '/db');
	if (path === '/events') return book(ledger, body);
	if (path === '/db') return { status: 200, body: { db_name: 'db', update_seq: ledger.revisions.size, instance_start_time: '0' } };
	if (path === '/db/_revs_diff') return findMissing(ledger, body);
	if (path === '/db/_bulk_docs') return store(ledger, body);
	if (!path.startsWith('/db/_local/')) return { status: 404, body: { error: 'not_found' } };
	if (method === 'PUT') {
		ledger.local.set(path, body);
		return { status: 201, body: { ok: true, id: path.slice('/db/'.length), rev: '0-1' } };
	}
	const kept = ledger.local.get(path);
	return kept === undefined ? { status: 404, body: { error: 'not_found', reason: 'missing' } } : { status: 200, body: kept };
}

function book(ledger: Ledger, body: unknown): Answer {
	for (const { id } of EventsSchema.parse(body)) {
		ledger.booked += 1;
		ledger.ids.add(id);
	}
	return { status: 200, body: [] };
}

function findMissing({ revisions }: Ledger, body: unknown): Answer {
	const asked = Object.entries(RevisionsSchema.parse(body));
	const missing = asked.filter(([id, revs]) => !revs.includes(revisions.get(id) ?? ''));
	return { status: 200, body: Object.fromEntries(missing.map(([id, revs]) => [id, { missing: revs }])) };
}

function store(ledger: Ledger, body: unknown): Answer {
	for (const { _id: id, _rev: rev } of DocumentsSchema.parse(body).docs) {
		if (ledger.revisions.get(id) !== rev) ledger.booked += 1;
		ledger.revisions.set(id, rev);
		ledger.ids.add(id);
	}
	return { status: 201, body: [] };
}

function portOf(server: Server): number {
	const address = server.address();
	assert(typeof address === 'object', 'a server on TCP has a port');
	return must(address, 'an address').port;
}
