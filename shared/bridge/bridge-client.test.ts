import { expect, test } from 'vitest';
import { terminalError } from '../errors/loyalty-error.ts';
import { createBridgeClient } from './bridge-client.ts';
import type { CallInput } from './contract.ts';
import type { Bridge } from './envelope.ts';

type Listener = (name: string, json: string) => void;

/** A bridge whose other side answers with `reply`, or is gone. */
function bridgeOf(reply: string | Error): {
	readonly bridge: Bridge;
	readonly sent: [string, string][];
	readonly emit: Listener;
	readonly listeners: Set<Listener>;
} {
	const sent: [string, string][] = [];
	const listeners = new Set<Listener>();
	return {
		sent,
		listeners,
		emit: (name, json) => {
			for (const listener of listeners) listener(name, json);
		},
		bridge: {
			invoke: async (name, json) => {
				sent.push([name, json]);
				if (reply instanceof Error) throw reply;
				return Promise.resolve(reply);
			},
			listen: (listener) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
	};
}

const earn: CallInput<'sale.void'> = {
	requestId: '3b241101-e2bb-4255-8caf-4136c566a962',
	eventId: idOf('017f22e2-79b0-7cc3-98c4-dc0c0c07398f'),
};

function idOf(text: string): CallInput<'sale.void'>['eventId'] {
	// The brand says "parsed"; this literal is one that the schema accepts.
	return text as CallInput<'sale.void'>['eventId'];
}

test('sends the name and the input as JSON, and gives back the parsed value', async () => {
	const { bridge, sent } = bridgeOf(JSON.stringify({ ok: true, value: { eventId: earn.eventId, member: null } }));
	expect(await createBridgeClient(bridge).call('sale.void', earn)).toEqual({ ok: true, value: { eventId: earn.eventId, member: null } });
	expect(sent).toEqual([['sale.void', JSON.stringify(earn)]]);
});

test('drops what the contract does not name', async () => {
	const { bridge } = bridgeOf(JSON.stringify({ ok: true, value: { barcode: '2955000100012', member: { email: 'an@example.org' } } }));
	expect(await createBridgeClient(bridge).call('member.nextCard', {})).toEqual({ ok: true, value: { barcode: '2955000100012' } });
});

test('hands on an error as it is', async () => {
	const error = terminalError('SALE-107');
	const { bridge } = bridgeOf(JSON.stringify({ ok: false, error }));
	expect(await createBridgeClient(bridge).call('sale.void', earn)).toEqual({ ok: false, error });
});

test('a lost transport is BRIDGE-102 with verdict unknown, never a rejection', async () => {
	const { bridge } = bridgeOf(new Error('socket closed'));
	expect(await createBridgeClient(bridge).call('sale.void', earn)).toMatchObject({
		ok: false,
		error: { code: 'BRIDGE-102', verdict: 'unknown' },
	});
});

test.each([
	['no JSON', '<html>'],
	['JSON that is no reply', '{"value":1}'],
	['a reply with an error of an unknown code', '{"ok":false,"error":{"code":"NEW-999","origin":"terminal","verdict":"never"}}'],
	['a value of another shape', '{"ok":true,"value":{"eventId":17}}'],
])('%s is BRIDGE-101', async (_what, reply) => {
	const { bridge } = bridgeOf(reply);
	expect(await createBridgeClient(bridge).call('sale.void', earn)).toMatchObject({
		ok: false,
		error: { code: 'BRIDGE-101', verdict: 'never' },
	});
});

test('hears the events of its name that are of their form, until it stops listening', () => {
	const { bridge, emit, listeners } = bridgeOf('');
	const heard: unknown[] = [];
	const stop = createBridgeClient(bridge).on('data.changed', (payload) => heard.push(payload));
	emit('data.changed', '{}');
	emit('status.changed', '{}');
	emit('data.changed', 'no JSON');
	emit('data.changed', '17');
	expect(heard).toEqual([{}]);
	stop();
	emit('data.changed', '{}');
	expect(heard).toHaveLength(1);
	expect(listeners.size).toBe(0);
});
