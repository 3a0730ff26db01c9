import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';

/** Serves one file under every address, as an object store would. */
export type FileServer = { readonly url: string; readonly close: () => Promise<void> };

export async function startFileServer(file: string): Promise<FileServer> {
	const server = createServer((_request, response) => {
		const body = createReadStream(file);
		// A body that cannot be read must end the answer, not hang it.
		body.once('error', (error) => response.destroy(error));
		body.pipe(response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('a server over TCP has a port');
	return {
		url: `http://127.0.0.1:${address.port}`,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
