/** How alike two folded names are, from 0 to 1: 1 less the share of letters that must be changed, left out or added. */
export function similarity(one: string, other: string): number {
	const longest = Math.max(one.length, other.length);
	return longest === 0 ? 1 : 1 - editDistance(one, other) / longest;
}

/** How alike two people's names are when nobody is sure which part is which: the better of both orders, word by word. */
export function nameSimilarity(one: readonly [string, string], other: readonly [string, string]): number {
	const inOrder = (similarity(one[0], other[0]) + similarity(one[1], other[1])) / 2;
	const swapped = (similarity(one[0], other[1]) + similarity(one[1], other[0])) / 2;
	return Math.max(inOrder, swapped);
}

/** Levenshtein's distance, row by row. */
function editDistance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let i = 1; i <= one.length; i += 1) {
		const above = row;
		row = [i];
		for (let j = 1; j <= other.length; j += 1) {
			const change = (above[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
			row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
		}
	}
	return row[other.length] ?? 0;
}
