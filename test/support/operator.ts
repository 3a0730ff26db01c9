import { CustomerSchema } from '#shared/wire/customer.ts';
import type { WireCustomer } from '#shared/wire/customer.ts';
import { HealthResponseSchema } from '#shared/wire/health.ts';
import type { HealthResponse } from '#shared/wire/health.ts';
import { NewTerminalResponseSchema } from '#shared/wire/pairing.ts';
import { signRequest } from '#sync/signing/escher.ts';
import { OPERATOR } from './headquarters.ts';

/** Calls headquarters with the operator's key, signed, as another program of the chain would. */
export type Operator = {
	/** Makes a terminal and answers its pairing code. */
	readonly newTerminal: (terminal: {
		readonly outletCode: string;
		readonly outletName: string;
		readonly code: string;
		readonly name: string;
	}) => Promise<string>;
	/** `null` when nobody has the barcode. */
	readonly findByBarcode: (barcode: string) => Promise<WireCustomer | null>;
	readonly find: (memberId: string) => Promise<WireCustomer | null>;
	readonly call: (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Response>;
	readonly health: () => Promise<HealthResponse>;
};

/** An operator of the headquarters at `url`. */
export function createOperator(url: string): Operator {
	const call: Operator['call'] = async (method, path, body) => {
		const text = body === undefined ? '' : JSON.stringify(body);
		const key = { apiKey: OPERATOR.key, apiSecret: OPERATOR.secret };
		const signed = signRequest({ method, path, headers: { host: new URL(url).host }, body: text }, key, Date.now());
		return fetch(new URL(path, url), {
			method,
			headers: { ...signed, 'content-type': 'application/json' },
			...(text === '' ? {} : { body: text }),
		});
	};
	const customer = async (id: string): Promise<WireCustomer | null> => {
		const answer = await call('GET', `/customers/${id}`);
		if (answer.status === 404) return null;
		return CustomerSchema.parse(await answer.json());
	};
	return {
		newTerminal: async (terminal) => {
			const answer = await call('POST', '/terminals', {
				outlet: { id: terminal.outletCode, code: terminal.outletCode, name: terminal.outletName },
				terminal_code: terminal.code,
				terminal_name: terminal.name,
			});
			return NewTerminalResponseSchema.parse(await answer.json()).code;
		},
		findByBarcode: async (barcode) => customer(`loyalty_barcode:${encodeURIComponent(barcode)}`),
		find: async (memberId) => customer(encodeURIComponent(memberId)),
		call,
		health: async () => HealthResponseSchema.parse(await (await fetch(new URL('/health', url))).json()),
	};
}
