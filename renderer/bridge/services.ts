import { must } from '#shared/lib/assert.ts';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import type { BridgeClient } from '#shared/bridge/bridge-client.ts';
import type { Bridge } from '#shared/bridge/envelope.ts';

let client: BridgeClient | null = null;

/** Connects this page to its services. Called once at the start, and by each test with a bridge of its own. */
export function connectServices(bridge: Bridge): BridgeClient {
	client = createBridgeClient(bridge);
	return client;
}

/** The services, for actions. They are connected before anything is shown. */
export function services(): BridgeClient {
	return must(client, 'services: connectServices comes first');
}
