import { expect, test } from 'vitest';
import { createJobQueue, WAITING_JOBS_MAX } from './job-queue.ts';

test('jobs run one after another in the order of their calls', async () => {
	const queue = createJobQueue();
	const log: string[] = [];
	const job = (name: string, turns: number) => async (): Promise<string> => {
		log.push(`${name} begins`);
		for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
		log.push(`${name} ends`);
		return name;
	};
	const values = await Promise.all([queue.run(job('a', 5)), queue.run(job('b', 0)), queue.run(job('c', 2))]);
	expect(values).toEqual(['a', 'b', 'c']);
	expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('a job that fails fails its own caller and nobody else', async () => {
	const queue = createJobQueue();
	const failing = queue.run(() => Promise.reject(new Error('mine')));
	const fine = queue.run(() => Promise.resolve('fine'));
	await expect(failing).rejects.toThrow('mine');
	expect(await fine).toBe('fine');
});

test('a job starts in its call when nothing else runs', () => {
	const queue = createJobQueue();
	let hasStarted = false;
	void queue.run(() => {
		hasStarted = true;
		return Promise.resolve();
	});
	expect(hasStarted).toBe(true);
});

test('a queue that settles has run everything before', async () => {
	const queue = createJobQueue();
	let done = 0;
	for (let job = 0; job < 10; job += 1) {
		void queue.run(async () => {
			await Promise.resolve();
			done += 1;
		});
	}
	await queue.settled();
	expect(done).toBe(10);
});

test('a runaway loop of jobs is stopped', async () => {
	const queue = createJobQueue();
	let release = (): void => {};
	const blocked = queue.run(
		() =>
			new Promise<void>((resolve) => {
				release = resolve;
			}),
	);
	const waiting = Array.from({ length: WAITING_JOBS_MAX }, () => queue.run(() => Promise.resolve()));
	await expect(queue.run(() => Promise.resolve())).rejects.toThrow('no runaway loop');
	release();
	await Promise.all([blocked, ...waiting]);
});
