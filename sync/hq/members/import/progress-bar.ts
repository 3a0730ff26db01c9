import { SingleBar } from 'cli-progress';
import type { Progress } from './progress.ts';

/** A line on the operator's screen: bar, share, members, rate and time left. `stream` is usually stderr; nothing is drawn where no terminal is. */
export function createProgressBar(
	stream: NodeJS.WritableStream,
	title: string,
): { readonly show: (progress: Progress) => void; readonly close: () => void } {
	const bar = new SingleBar({
		stream,
		format: '{title} {bar} {percentage} % · {members} members · {rate}/s · {left}',
		barCompleteChar: '█',
		barIncompleteChar: '░',
		barsize: 28,
		hideCursor: true,
		clearOnComplete: false,
		// Off a terminal it would write a line per second into a log file.
		noTTYOutput: false,
		emptyOnZero: true,
	});
	const numbers = new Intl.NumberFormat('en');
	let isStarted = false;
	return {
		show: (progress) => {
			const words = {
				title,
				members: numbers.format(progress.imported),
				rate: numbers.format(progress.membersPerSecond),
				left: progress.secondsLeft === null ? 'estimating' : `${durationOf(progress.secondsLeft)} left`,
			};
			if (isStarted) bar.update(progress.done, words);
			else bar.start(progress.total, progress.done, words);
			isStarted = true;
		},
		close: () => {
			bar.stop();
		},
	};
}

function durationOf(seconds: number): string {
	const minutes = Math.floor(seconds / 60);
	return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
