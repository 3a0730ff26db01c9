import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { connectCdpPipe } from './cdp-pipe.ts';
import type { CdpEvent } from './cdp-pipe.ts';

/** A browser played by the test: what it was told, and a way to say something. */
function setUp() {
	const writer = new PassThrough();
	const reader = new PassThrough();
	const timers: { run: () => void; isCancelled: boolean }[] = [];
	const cdp = connectCdpPipe({
		writer,
		reader,
		timers: {
			after: (_delayMs, run) => {
				const timer = { run, isCancelled: false };
				timers.push(timer);
				return () => {
					timer.isCancelled = true;
				};
			},
		},
	});
	const events: CdpEvent[] = [];
	cdp.onEvent((event) => events.push(event));
	writer.setEncoding('utf8');
	const told = () => {
		const text: string | null = writer.read();
		const messages = (text ?? '').split('\0').slice(0, -1);
		return messages.map((message) => JSON.parse(message));
	};
	return { cdp, reader, writer, timers, events, told };
}

test('a command ends in a zero byte and its answer finds it among others', async () => {
	const { cdp, reader, timers, told } = setUp();
	const first = cdp.send('Browser.getVersion', {});
	const second = cdp.send('Page.navigate', { url: 'x' }, 's1');
	expect(told()).toEqual([
		{ id: 1, method: 'Browser.getVersion', params: {} },
		{ id: 2, method: 'Page.navigate', params: { url: 'x' }, sessionId: 's1' },
	]);
	reader.write('{"id":2,"result":{"frameId":"f"}}\0{"id":1,"result":{}}\0');
	expect(await second).toEqual({ frameId: 'f' });
	expect(await first).toEqual({});
	expect(timers.every((timer) => timer.isCancelled)).toBe(true);
});

test('messages may arrive in pieces, also within a letter', async () => {
	const { cdp, reader, events } = setUp();
	const answer = cdp.send('A.b', {});
	const bytes = Buffer.from('{"method":"C.d","params":{"title":"Zoë"}}\0{"id":1,"result":7}\0');
	for (const byte of bytes) reader.write(Buffer.of(byte));
	expect(await answer).toBe(7);
	expect(events).toEqual([{ method: 'C.d', params: { title: 'Zoë' }, sessionId: undefined }]);
});

test('a refusal rejects with the words of the browser', async () => {
	const { cdp, reader } = setUp();
	const answer = cdp.send('A.b', {});
	reader.write('{"id":1,"error":{"code":-32601,"message":"wasn\'t found"}}\0');
	await expect(answer).rejects.toThrow("the browser refused A.b: wasn't found");
});

test('silence rejects after its time, and a late answer changes nothing', async () => {
	const { cdp, reader, timers } = setUp();
	const answer = cdp.send('A.b', {});
	timers[0]?.run();
	await expect(answer).rejects.toThrow('did not answer A.b');
	reader.write('{"id":1,"result":{}}\0');
});

test('when the browser is gone, open commands reject and new ones are not sent', async () => {
	const { cdp, reader, writer } = setUp();
	const answer = cdp.send('A.b', {});
	reader.destroy();
	await expect(answer).rejects.toThrow('the browser is gone');
	await expect(cdp.send('C.d', {})).rejects.toThrow('was not sent');
	writer.destroy(new Error('EPIPE'));
});

test.each(['no json\0', '{"id":"one"}\0', 'x'.repeat(16_000_001)])('something that is no message ends the conversation', async (text) => {
	const { cdp, reader } = setUp();
	const answer = cdp.send('A.b', {});
	reader.write(text);
	await expect(answer).rejects.toThrow('the browser is gone');
});
