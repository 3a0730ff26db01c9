import { expect, test } from 'vitest';
import { createFakeLogger } from '../fake-logger.ts';
import { exampleEvents } from '../fake-terminal.ts';
import { createFakeTime, settle } from '../fake-time.ts';
import { createEventPublisher } from './event-publisher.ts';
import type { EventPublisher } from './event-publisher.ts';

function open(): {
	readonly publisher: EventPublisher;
	readonly heard: string[];
	readonly lines: readonly { readonly level: string }[];
	readonly pass: (ms: number) => Promise<void>;
	readonly setWaiting: (waiting: number | null) => void;
} {
	const time = createFakeTime();
	const logger = createFakeLogger();
	const heard: string[] = [];
	let waiting: number | null = 0;
	const publisher = createEventPublisher({
		producers: {
			'status.changed': async () => {
				if (waiting === null) throw new Error('the disk is gone');
				return Promise.resolve({ ...exampleEvents['status.changed'], waiting });
			},
			'session.changed': () => exampleEvents['session.changed'],
			'data.changed': () => ({}),
		},
		timers: time.timers,
		logger,
	});
	publisher.onEvent((name, json) => heard.push(name === 'status.changed' ? `${name} ${/"waiting":(\d+)/.exec(json)?.[1]}` : name));
	return {
		publisher,
		heard,
		lines: logger.lines,
		pass: time.pass,
		setWaiting: (value) => {
			waiting = value;
		},
	};
}

test('the first change is told at once, of a burst only the last state follows', async () => {
	const { publisher, heard, pass, setWaiting } = open();
	for (let waiting = 0; waiting < 50; waiting += 1) {
		setWaiting(waiting);
		publisher.publish('status.changed');
		await settle();
	}
	expect(heard).toEqual(['status.changed 0']);
	await pass(100);
	expect(heard).toEqual(['status.changed 0', 'status.changed 49']);
	await pass(1000);
	expect(heard).toHaveLength(2);
});

test('names are told apart: a busy one does not hold up another', async () => {
	const { publisher, heard } = open();
	publisher.publish('data.changed');
	publisher.publish('data.changed');
	publisher.publish('session.changed');
	await settle();
	expect(heard).toEqual(['data.changed', 'session.changed']);
});

test('a payload that cannot be made is logged, and the next one is told', async () => {
	const { publisher, heard, lines, pass, setWaiting } = open();
	setWaiting(null);
	publisher.publish('status.changed');
	await settle();
	expect([heard, lines.map(({ level }) => level)]).toEqual([[], ['error']]);
	setWaiting(3);
	publisher.publish('status.changed');
	await pass(100);
	expect(heard).toEqual(['status.changed 3']);
});

test('nothing is told after the end, also not what was being read', async () => {
	const { publisher, heard, pass } = open();
	publisher.publish('status.changed');
	publisher.publish('status.changed');
	publisher.close();
	publisher.publish('data.changed');
	await pass(1000);
	expect(heard).toEqual([]);
});

test('who has stopped listening hears nothing more', async () => {
	const { publisher, pass } = open();
	const heard: string[] = [];
	const stop = publisher.onEvent((name) => heard.push(name));
	publisher.publish('data.changed');
	await settle();
	stop();
	publisher.publish('data.changed');
	await pass(200);
	expect(heard).toEqual(['data.changed']);
});
