/** Widths of a bold tabular face in em: a digit, a separator, a letter. */
const DIGIT_EM = 0.64;
const SEPARATOR_EM = 0.3;
const LETTER_EM = 0.72;

/**
 * The font size at which `value` fits its container on one line: as large as `maxRem`, smaller for longer values, so that a number
 * never scrolls and is never cut. `takenRem` is what else stands in the line. The container needs `container-type: inline-size`.
 */
export function fitting(value: string, { maxRem, takenRem = 0 }: { readonly maxRem: number; readonly takenRem?: number }): string {
	const widthEm = Array.from(value).reduce((sum, character) => sum + widthOf(character), 0);
	return `min(${maxRem}rem, calc((100cqi - ${takenRem}rem) / ${Math.max(1, widthEm).toFixed(2)}))`;
}

function widthOf(character: string): number {
	if (/\p{Nd}/u.test(character)) return DIGIT_EM;
	// Marks of direction have no width.
	if (/\p{Cf}/u.test(character)) return 0;
	return /[.,\s'’-]/u.test(character) ? SEPARATOR_EM : LETTER_EM;
}
