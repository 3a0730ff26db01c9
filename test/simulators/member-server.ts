import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { assert, must } from '#shared/lib/assert.ts';

/** A member as programs of others get it over HTTP: flat columns; lists and profile as JSON text. */
export type MemberDocument = Readonly<Record<string, string | number | null>> & { readonly id: string };

/**
 * Serves the same members in the two forms that other synchronisation libraries ask for: `GET /members?page=N` as gzip pages of JSON, and
 * `POST /sync/stream` as PowerSync's service speaks (https://docs.powersync.com/architecture/powersync-protocol). Everything is packed before
 * it listens.
 */
export type MemberServer = {
	readonly url: string;
	/** Bytes of bodies that one whole download takes. */
	readonly pageBytes: number;
	readonly streamBytes: number;
	readonly close: () => Promise<void>;
};

const PAGE_ROWS = 5_000;
const STREAM_LINE_ROWS = 1_000;
const BUCKET = 'members[]';
const GZIP_LEVEL = 1;

/** `member` gives the document of an index below `count`. */
export async function startMemberServer(count: number, member: (index: number) => MemberDocument): Promise<MemberServer> {
	const pages: Buffer[] = [];
	const lines: Buffer[] = [Buffer.from(checkpointLine(count))];
	for (let first = 0; first < count; first += PAGE_ROWS) {
		const rows = Array.from({ length: Math.min(PAGE_ROWS, count - first) }, (_, offset) => member(first + offset));
		pages.push(gzipSync(JSON.stringify(rows), { level: GZIP_LEVEL }));
		for (let start = 0; start < rows.length; start += STREAM_LINE_ROWS)
			lines.push(Buffer.from(dataLine(rows.slice(start, start + STREAM_LINE_ROWS), first + start, count)));
	}
	lines.push(Buffer.from(`${JSON.stringify({ checkpoint_complete: { last_op_id: String(count) } })}\n`));
	const server = createServer((request, response) => {
		void answer({ pages, lines }, request, response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${portOf(server)}`,
		pageBytes: sizeOf(pages),
		streamBytes: sizeOf(lines),
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

/** The service's first line: what there is. It accepts 0 for a checksum that it has not computed. */
function checkpointLine(count: number): string {
	const bucket = { bucket: BUCKET, checksum: 0, count, priority: 3 };
	return `${JSON.stringify({ checkpoint: { last_op_id: String(count), buckets: [bucket] } })}\n`;
}

function dataLine(rows: readonly MemberDocument[], first: number, count: number): string {
	const data = rows.map(({ id, ...columns }, index) => ({
		op_id: String(first + index + 1),
		op: 'PUT',
		object_type: 'members',
		object_id: id,
		checksum: 0,
		data: JSON.stringify(columns),
	}));
	const last = first + rows.length;
	return `${JSON.stringify({ data: { bucket: BUCKET, after: String(first), next_after: String(last), has_more: last < count, data } })}\n`;
}

type Packed = { readonly pages: readonly Buffer[]; readonly lines: readonly Buffer[] };

async function answer({ pages, lines }: Packed, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://127.0.0.1');
	request.resume();
	if (url.pathname === '/members') {
		const page = pages[Number(url.searchParams.get('page'))] ?? gzipSync('[]');
		response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': page.length });
		response.end(page);
	} else if (url.pathname === '/sync/stream') {
		response.writeHead(200, { 'content-type': 'application/x-ndjson' });
		const hasLeft = once(response, 'close');
		for (const line of lines) if (!response.write(line)) await Promise.race([once(response, 'drain'), hasLeft]);
		// The stream stays open for changes, of which there are none.
	} else if (url.pathname === '/write-checkpoint2.json') {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ data: { write_checkpoint: '1' } }));
	} else {
		response.writeHead(404).end();
	}
}

function sizeOf(parts: readonly Buffer[]): number {
	return parts.reduce((sum, part) => sum + part.length, 0);
}

function portOf(server: Server): number {
	const address = server.address();
	assert(typeof address === 'object', 'a server on TCP has a port');
	return must(address, 'an address').port;
}
