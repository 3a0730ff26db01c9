import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge } from '#shared/bridge/envelope.ts';

/**
 * Runs in the page's process, apart from the page, and gives it two functions that carry strings: no Electron object, no event,
 * no channel of the page's choice. Bundled to CommonJS, as a sandboxed preload must be.
 */
const INVOKE_CHANNEL = 'regulars:invoke';
const EVENT_CHANNEL = 'regulars:event';

const bridge: Bridge = {
	invoke: async (name, json) => {
		const reply: unknown = await ipcRenderer.invoke(INVOKE_CHANNEL, String(name), String(json));
		return String(reply);
	},
	listen: (listener) => {
		const hear = (_event: unknown, name: unknown, json: unknown): void => {
			listener(String(name), String(json));
		};
		ipcRenderer.on(EVENT_CHANNEL, hear);
		return () => {
			ipcRenderer.off(EVENT_CHANNEL, hear);
		};
	},
};

contextBridge.exposeInMainWorld('regulars', bridge);
