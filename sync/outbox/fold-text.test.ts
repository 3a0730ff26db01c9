import { expect, test } from 'vitest';
import { foldText } from './fold-text.ts';

test.each([
	['Zsófia Őry', 'zsofia ory'],
	["  O'Neil-Smith,  Ann ", 'o neil smith ann'],
	['e\u0301va', 'eva'],
	['Ωμέγα', 'ωμεγα'],
	['', ''],
	['  %_"* ', ''],
])('%j folds to %j', (text, folded) => {
	expect(foldText(text)).toBe(folded);
});
