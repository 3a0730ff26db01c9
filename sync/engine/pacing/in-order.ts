/**
 * Yields the results of `start` for each item, in order, with up to `ahead` of them under way beyond the one that is waited for.
 * Whoever stops early must abort what is under way itself: it is waited for here, so that nothing goes on unseen.
 */
export async function* inOrder<T, R>(items: readonly T[], ahead: number, start: (item: T) => Promise<R>): AsyncGenerator<R> {
	const underWay: Promise<R>[] = [];
	let next = 0;
	const fill = (): void => {
		for (; next < items.length && underWay.length <= ahead; next += 1) {
			const item = items[next];
			if (item !== undefined) underWay.push(start(item));
		}
	};
	try {
		for (;;) {
			fill();
			const first = underWay.shift();
			if (first === undefined) return;
			yield await first;
		}
	} finally {
		await Promise.allSettled(underWay);
	}
}
