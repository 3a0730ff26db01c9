import type { FastifyInstance } from 'fastify';
import { assert } from '#shared/lib/assert.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { HqContext } from './context.ts';
import type { Feed } from './feed/routes.ts';
import type { OperatorKey } from './http/authenticate.ts';
import { createServer } from './http/server.ts';
import { once, openOffice } from './office.ts';
import type { OfficeOptions, OfficeRefusal } from './office.ts';
import { loadOperatorKey } from './operator-key.ts';

/** This program's version, as `GET /health` says it. */
export const HQ_VERSION = '0.1.0';

/** For answers under way when headquarters ends. */
const CLOSE_GRACE_MS = 3_000;

export type HeadquartersOptions = OfficeOptions & {
	readonly host?: string;
	/** 0 takes a free one. */
	readonly port?: number;
	/** Generated and kept in the folder when absent. */
	readonly operatorKey?: OperatorKey;
	/** Accepts `?api_key=` without a signature: for development. */
	readonly isUnsigned?: boolean;
	/** Runs before the server listens, such as an import. */
	readonly prepare?: (context: HqContext) => Promise<void>;
};

export type Headquarters = {
	/** Where it listens, without a slash at the end. */
	readonly url: string;
	readonly context: HqContext;
	/** The publisher and the snapshots, for who must be sure that they are done. */
	readonly feed: Feed;
	readonly operatorKey: OperatorKey;
	/** Ends answers that are held back, waits for requests and timers under way, closes the database. May be called twice. */
	readonly close: () => Promise<void>;
};

/** Starts a real headquarters in this process. Fails as `openOffice` does; rejects for what cannot be foreseen. */
export async function startHeadquarters(options: HeadquartersOptions): Promise<Result<Headquarters, OfficeRefusal>> {
	const opened = await openOffice(options);
	if (!opened.ok) return opened;
	const { context, close, stop } = opened.value;
	try {
		await options.prepare?.(context);
		const operatorKey = options.operatorKey ?? loadOperatorKey(options.dataDir, context.random);
		const { app, feed } = createServer(context, { operatorKey, isUnsigned: options.isUnsigned ?? false, version: HQ_VERSION });
		try {
			await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
		} catch (error) {
			// The feed may have begun its first round: it ends before the database does.
			stop();
			await app.close();
			throw error;
		}
		const end = once(async () => {
			stop();
			// A connection that has never said anything counts as busy and would hold the end up for a minute.
			const cancel = context.timers.after(CLOSE_GRACE_MS, () => app.server.closeAllConnections());
			await app.close();
			cancel();
			await close();
		});
		return ok({ url: urlOf(app, options.host ?? '127.0.0.1'), context, feed, operatorKey, close: end });
	} catch (error) {
		await close();
		throw error;
	}
}

function urlOf(app: FastifyInstance, host: string): string {
	const address = app.server.address();
	assert(typeof address === 'object' && address !== null, 'a server that listens on TCP has an address');
	const name = host.includes(':') ? `[${host}]` : host;
	// Every interface is no address to call; this machine's own is.
	return `http://${name === '0.0.0.0' || name === '[::]' ? '127.0.0.1' : name}:${address.port}`;
}
