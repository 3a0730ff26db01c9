import { expect, test } from 'vitest';
import { calls } from '#shared/bridge/contract.ts';
import type { CallName } from '#shared/bridge/contract.ts';
import { MESSAGE_LENGTH_MAX } from '#shared/bridge/envelope.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { createFakeLogger } from './fake-logger.ts';
import { createFakeTerminal, exampleInputs, exampleOutputs } from './fake-terminal.ts';
import { createRouter } from './router.ts';

const CONTEXT = { transport: 'kiosk', windowId: '1' } as const;
const CALL_NAMES = Object.keys(calls) as CallName[];

function setUp() {
	const terminal = createFakeTerminal();
	const logger = createFakeLogger();
	const router = createRouter({ api: terminal.api, logger });
	const handle = async (name: unknown, json: unknown) => JSON.parse(await router.handle(name, json, CONTEXT));
	return { terminal, logger, handle };
}

test.each(CALL_NAMES)('%s carries its input in and its answer out', async (name) => {
	const { terminal, logger, handle } = setUp();
	expect(await handle(name, JSON.stringify(exampleInputs[name]))).toEqual({ ok: true, value: exampleOutputs[name] });
	expect(terminal.received).toEqual([{ name, input: exampleInputs[name] }]);
	expect(logger.lines).toEqual([]);
});

test.each([
	{ title: 'an unknown name', name: 'member.delete', json: '{}' },
	{ title: 'toString', name: 'toString', json: '{}' },
	{ title: '__proto__', name: '__proto__', json: '{}' },
	{ title: 'constructor', name: 'constructor', json: '{}' },
	{ title: 'an empty name', name: '', json: '{}' },
	{ title: 'a name that is no text', name: { toString: (): string => 'status.get' }, json: '{}' },
	{ title: 'an array as a name', name: ['status.get'], json: '{}' },
	{ title: 'an input that is no text', name: 'status.get', json: {} },
	{ title: 'a missing input', name: 'status.get', json: undefined },
	{ title: 'an input that is no JSON', name: 'status.get', json: '{' },
	{ title: 'an input of the wrong form', name: 'member.open', json: '{"memberId":"no spaces allowed"}' },
	{ title: 'an input without its request id', name: 'outbox.resend', json: '{"eventId":"0199a5f0-0000-7000-8000-000000000002"}' },
	{ title: 'an oversized input', name: 'status.get', json: `{"a":"${'a'.repeat(MESSAGE_LENGTH_MAX)}"}` },
])('$title is BRIDGE-101 and never reaches the services', async ({ name, json }) => {
	const { terminal, logger, handle } = setUp();
	expect(await handle(name, json)).toMatchObject({ ok: false, error: { code: 'BRIDGE-101', origin: 'terminal', verdict: 'never' } });
	expect(terminal.received).toEqual([]);
	expect(logger.lines.map((line) => line.level)).toEqual(['warn']);
});

test('neither the answer nor the log repeats what was typed', async () => {
	const { logger, handle } = setUp();
	const reply = await handle('session.unlock', '{"cashierId":"c1","pin":"secret-pin"}');
	expect(JSON.stringify([reply, logger.lines])).not.toContain('secret-pin');
	expect(reply.error.detail).toContain('pin');
});

test('keys that the contract does not name are dropped in both directions', async () => {
	const { terminal, handle } = setUp();
	terminal.answerWith('member.nextCard', async () => Promise.resolve({ barcode: '123', pinHash: 'x' }));
	expect(await handle('member.nextCard', '{"__proto__":{"a":1},"more":1}')).toEqual({ ok: true, value: { barcode: '123' } });
	expect(terminal.received).toEqual([{ name: 'member.nextCard', input: {} }]);
});

test('a failure of the services passes unchanged and is not logged', async () => {
	const { terminal, logger, handle } = setUp();
	const error = terminalError('SALE-103', { values: { receipt: 'R-1' } });
	terminal.failWith('sale.earn', error);
	expect(await handle('sale.earn', JSON.stringify(exampleInputs['sale.earn']))).toEqual({ ok: false, error });
	expect(logger.lines).toEqual([]);
});

test.each([
	{ title: 'a throw', run: async () => Promise.reject(new Error('SQLITE_MISUSE: member Ann')) },
	{ title: 'an answer of the wrong form', run: async () => Promise.resolve({ waiting: 'many' }) },
	{ title: 'an answer that is no JSON', run: async () => Promise.resolve({ waiting: 1n }) },
])('$title is INTERNAL-101 without its words, logged once', async ({ run }) => {
	const { terminal, logger, handle } = setUp();
	terminal.answerWith('status.get', run);
	expect(await handle('status.get', '{}')).toEqual({ ok: false, error: { code: 'INTERNAL-101', origin: 'terminal', verdict: 'unknown' } });
	expect(logger.lines).toMatchObject([{ level: 'error', fields: { call: 'status.get', transport: 'kiosk', windowId: '1' } }]);
});

test('an oversized answer is INTERNAL-101', async () => {
	const { terminal, handle } = setUp();
	const card = { ...exampleOutputs['member.open'], name: 'a'.repeat(MESSAGE_LENGTH_MAX) };
	terminal.answerWith('member.open', async () => Promise.resolve(card));
	expect(await handle('member.open', JSON.stringify(exampleInputs['member.open']))).toMatchObject({ error: { code: 'INTERNAL-101' } });
});
