import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scannerProfiles } from './scanner-profile.ts';
import type { ScannerProfile } from './scanner-profile.ts';
import { initialWedgeState, reduceWedge } from './wedge-detector.ts';
import type { WedgeEffect, WedgeEvent } from './wedge-detector.ts';

type Key = { readonly key: string; readonly gapMs: number; readonly flags?: Partial<Extract<WedgeEvent, { type: 'key' }>> };

/**
 * A page with one text field and one default button, fed as the browser would: a key that is not swallowed reaches the field,
 * Enter that is not swallowed presses the button; silence is told to the detector at the moment it asked for.
 */
function play(keys: readonly Key[], profile: ScannerProfile = scannerProfiles.usb) {
	let state = initialWedgeState;
	let atMs = 1000;
	let untilMs: number | null = null;
	const page = { field: '', presses: 0, scans: [] as string[] };
	const marks = new Map<number, string>();

	const feed = (event: WedgeEvent) => {
		const step = reduceWedge(state, event, profile);
		state = step.state;
		for (const effect of step.effects) apply(effect);
		return !step.effects.some((effect) => effect.type === 'swallow');
	};
	const apply = (effect: WedgeEffect) => {
		if (effect.type === 'mark') {
			if (effect.isFirst) marks.clear();
			marks.set(effect.mark, page.field);
		} else if (effect.type === 'wait') untilMs = effect.untilMs;
		else if (effect.type === 'scan') {
			page.scans.push(effect.text);
			if (effect.restoreMark !== null) page.field = marks.get(effect.restoreMark) ?? 'the mark is missing';
		}
	};
	const silence = (toMs: number) => {
		if (untilMs === null || toMs < untilMs) return;
		const dueMs = untilMs;
		untilMs = null;
		feed({ type: 'pause', atMs: dueMs });
	};

	for (const { key, gapMs, flags } of keys) {
		atMs += gapMs;
		silence(atMs);
		const passes = feed({ type: 'key', key, atMs, isRepeat: false, isComposing: false, isShortcut: false, ...flags });
		if (passes && key === 'Enter') page.presses += 1;
		else if (passes && Array.from(key).length === 1) page.field += key;
	}
	silence(Number.POSITIVE_INFINITY);
	return page;
}

const typed = (text: string, gapMs: number): Key[] => Array.from(text, (key) => ({ key, gapMs }));
const enter = (gapMs = 8): Key => ({ key: 'Enter', gapMs });
const CARD = '2900000000017';

describe('a scan', () => {
	test('ends in Enter, which presses no button', () => {
		expect(play([...typed(CARD, 8), enter()])).toEqual({ field: '', presses: 0, scans: [CARD] });
	});

	test('ends in Tab', () => {
		expect(play([...typed(CARD, 8), { key: 'Tab', gapMs: 8 }]).scans).toEqual([CARD]);
	});

	test('ends in silence', () => {
		expect(play(typed(CARD, 8))).toEqual({ field: '', presses: 0, scans: [CARD] });
	});

	test('keeps its terminator when that comes after the silence', () => {
		expect(play([...typed(CARD, 8), enter(250)])).toEqual({ field: '', presses: 0, scans: [CARD] });
	});

	test('leaves an Enter alone that a person presses later', () => {
		expect(play([...typed(CARD, 8), enter(600)])).toEqual({ field: '', presses: 1, scans: [CARD] });
	});

	test('leaves what was typed by hand before it in the field', () => {
		expect(play([...typed('szabo', 140), { key: '2', gapMs: 90 }, ...typed(CARD.slice(1), 8), enter()])).toEqual({
			field: 'szabo',
			presses: 0,
			scans: [CARD],
		});
	});

	test('survives one late key in the middle', () => {
		expect(play([...typed(CARD.slice(0, 6), 8), ...typed(CARD.slice(6, 7), 90), ...typed(CARD.slice(7), 8), enter()]).scans).toEqual([
			CARD,
		]);
	});

	test('follows another at once', () => {
		const second = '2900000000024';
		expect(play([...typed(CARD, 8), enter(), ...typed(second, 8), enter()]).scans).toEqual([CARD, second]);
	});

	test('with capitals comes with Shift between its letters', () => {
		expect(
			play([
				...Array.from('AB-12345').flatMap((key) => [
					{ key: 'Shift', gapMs: 2 },
					{ key, gapMs: 4 },
				]),
				enter(),
			]).scans,
		).toEqual(['AB-12345']);
	});

	test('is told apart by the time stamps when the page handled its keys late', () => {
		let state = initialWedgeState;
		const texts: string[] = [];
		const events: WedgeEvent[] = [...typed(CARD, 8), enter(200)].map((key, index) => ({
			type: 'key',
			key: key.key,
			atMs: 1000 + index * 8 + (key.key === 'Enter' ? 150 : 0),
			isRepeat: false,
			isComposing: false,
			isShortcut: false,
		}));
		for (const event of events) {
			const step = reduceWedge(state, event, scannerProfiles.usb);
			state = step.state;
			for (const effect of step.effects) if (effect.type === 'scan') texts.push(effect.text);
		}
		expect(texts).toEqual([CARD]);
	});
});

describe('no scan', () => {
	const cases: readonly (readonly [string, readonly Key[], { field: string; presses: number }])[] = [
		['five fast digits and Enter: a receipt number by a quick hand', [...typed('00731', 20), enter()], { field: '00731', presses: 1 }],
		['a fast typist', [...typed('margit szabo', 60), enter(60)], { field: 'margit szabo', presses: 1 }],
		['a name typed slowly', typed('nagy', 180), { field: 'nagy', presses: 0 }],
		[
			'a key that is held down',
			[{ key: '0', gapMs: 10 }, ...typed('0000000', 30).map((key) => ({ ...key, flags: { isRepeat: true } }))],
			{ field: '00000000', presses: 0 },
		],
		[
			'text from an input method',
			typed('nihongo', 10).map((key) => ({ ...key, flags: { isComposing: true } })),
			{ field: 'nihongo', presses: 0 },
		],
		['a shortcut', [{ key: 'z', gapMs: 10, flags: { isShortcut: true } }], { field: 'z', presses: 0 }],
		['Enter alone', [enter()], { field: '', presses: 1 }],
	];

	test.each(cases)('%s', (_title, keys, expected) => {
		expect(play(keys)).toEqual({ ...expected, scans: [] });
	});

	test('a burst that an arrow key, a dead key or an input method breaks', () => {
		for (const key of ['ArrowLeft', 'Dead', 'Process', 'Escape', 'F4', 'Backspace']) {
			expect(play([...typed('29000', 8), { key, gapMs: 8 }, ...typed('00017', 8), enter()]).scans).toEqual([]);
		}
	});

	test('a burst in which the window loses the focus', () => {
		let state = initialWedgeState;
		for (const [index, key] of Array.from(CARD).entries())
			state = reduceWedge(
				state,
				{ type: 'key', key, atMs: index * 8, isRepeat: false, isComposing: false, isShortcut: false },
				scannerProfiles.usb,
			).state;
		state = reduceWedge(state, { type: 'blur' }, scannerProfiles.usb).state;
		expect(state.keys).toEqual([]);
	});

	test('a burst longer than any code', () => {
		expect(play([...typed('7'.repeat(1100), 1), enter()]).scans.join('').length).toBeLessThan(513);
	});
});

describe('with a prefix', () => {
	const profile: ScannerProfile = { ...scannerProfiles.usb, prefixKeys: ['F13', '~'] };

	test('a slow and short code is a scan and nothing reaches the page', () => {
		expect(play([{ key: '~', gapMs: 10 }, ...typed('A12', 100), enter(100)], profile)).toEqual({ field: '', presses: 0, scans: ['A12'] });
	});

	test('a code without terminator ends where the next begins', () => {
		expect(
			play([{ key: 'F13', gapMs: 5 }, ...typed('1234567', 5), { key: 'F13', gapMs: 5 }, ...typed('7654321', 5)], profile).scans,
		).toEqual(['1234567', '7654321']);
	});

	test('a prefix that nothing follows keeps no later key', () => {
		expect(play([{ key: 'F13', gapMs: 5 }, ...typed('abc', 300)], profile)).toEqual({ field: 'abc', presses: 0, scans: [] });
	});
});

describe('whatever the keys', () => {
	const code = fc.stringMatching(/^[0-9A-Z./=?&:-]{6,80}$/);
	const typing = (gapMinMs: number) =>
		fc.array(fc.record({ key: fc.constantFrom(...Array.from('abcdefghij 0123456789')), gapMs: fc.integer({ min: gapMinMs, max: 400 }) }), {
			maxLength: 30,
		});

	test('a burst at scanner speed is one scan, word for word, and the field is as before', () => {
		fc.assert(
			fc.property(
				code,
				fc.infiniteStream(fc.integer({ min: 1, max: 34 })),
				typing(80),
				fc.integer({ min: 70, max: 500 }),
				fc.boolean(),
				(text, gaps, before, boundaryMs, ends) => {
					const burst = Array.from(text, (key, index) => ({ key, gapMs: index === 0 ? boundaryMs : (gaps.next().value ?? 1) }));
					const page = play([...before, ...burst, ...(ends ? [enter(10)] : [])]);
					expect(page).toEqual({ field: before.map((key) => key.key).join(''), presses: 0, scans: [text] });
				},
			),
		);
	});

	test('a person is never taken for a scanner and loses no key', () => {
		fc.assert(
			fc.property(typing(36), (keys) => {
				expect(play(keys)).toEqual({ field: keys.map((key) => key.key).join(''), presses: 0, scans: [] });
			}),
		);
	});

	test('scans back to back are as many and in order', () => {
		fc.assert(
			fc.property(fc.array(code, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 34 }), (codes, gapMs) => {
				expect(play(codes.flatMap((text) => [...typed(text, gapMs), enter(gapMs)]))).toEqual({ field: '', presses: 0, scans: codes });
			}),
		);
	});
});
