import type { Cashier, Programme } from '#shared/domain/programme.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { PairRequestSchema } from '#shared/wire/pairing.ts';

/** The few answers of headquarters that starting a terminal needs, behind `fetch`. Everything else is 503. */
export type FakeHeadquarters = {
	readonly fetch: typeof globalThis.fetch;
	/** What the terminal must never write down in the clear. */
	readonly secret: string;
	/** Paths that were called, oldest first. */
	readonly calls: () => readonly string[];
	readonly setDown: (isDown: boolean) => void;
	/** Codes are good for one pairing. */
	readonly renewCode: () => void;
	/** What the next hello brings. */
	readonly setNews: (news: { readonly programme?: Programme; readonly cashiers?: readonly Cashier[] }) => void;
};

export function createFakeHeadquarters({ pairingCode }: { readonly pairingCode: string }): FakeHeadquarters {
	const secret = 'not-a-real-secret-of-anyone';
	const called: string[] = [];
	let [isDown, isCodeGood] = [false, true];
	let news: object = {};
	return {
		secret,
		calls: () => called,
		setDown: (value) => {
			isDown = value;
		},
		renewCode: () => {
			isCodeGood = true;
		},
		setNews: (value) => {
			news = value;
		},
		fetch: async (input, init) => {
			const { pathname } = new URL(input instanceof Request ? input.url : input);
			if (isDown)
				throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
			called.push(pathname);
			if (pathname === '/terminals/hello')
				return json(200, { hq_epoch: 1, known_max_seq: 0, server_time: Date.now(), protocol: 1, ...news });
			if (pathname !== '/terminals/pair')
				return json(503, { error: { type: 'busy', code: WIRE_CODES.internal, message: 'not here' }, retry_after_ms: 60_000 });
			const request = PairRequestSchema.parse(await new Response(init?.body).json());
			if (request.code !== pairingCode || !isCodeGood)
				return json(403, { error: { type: 'pairing', code: WIRE_CODES.pairingCodeWrong, message: 'wrong code' } });
			isCodeGood = false;
			return json(200, {
				terminal: '0190f3a0-7c1e-7000-8000-00000000a001',
				terminal_code: 'T1',
				terminal_name: 'Till by the door',
				outlet: { id: 'out-1', code: 'KOSS', name: 'Kossuth tér' },
				api_key: 'terminal-0190f3a0',
				api_secret: secret,
				card_block: { prefix: '29', first: 2_000_000_000, last: 2_000_000_999 },
				hq_epoch: 1,
			});
		},
	};
}

function json(status: number, body: object): Response {
	return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}
