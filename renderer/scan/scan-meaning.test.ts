import { expect, test } from 'vitest';
import { scanMeaning } from './scan-meaning.ts';
import type { ScanContext } from './scan-meaning.ts';

const programme = {
	qr: { keys: ['card'], hosts: ['regulars.example'] },
	cardSeries: [{ id: 'main', prefix: '290', length: 13, check: 'mod10' as const }],
};
const CARD = '2900000000018';

test.each<[string, string, ScanContext, ReturnType<typeof scanMeaning>]>([
	['a card anywhere', CARD, 'anything', { kind: 'identify', text: CARD }],
	['a card while a receipt number is asked for', CARD, 'asking_receipt', { kind: 'identify', text: CARD }],
	['a misread card while a receipt number is asked for', '2900000000019', 'asking_receipt', { kind: 'identify', text: '2900000000019' }],
	['a receipt while its number is asked for', 'R-000732', 'asking_receipt', { kind: 'receipt', text: 'R-000732' }],
	['a receipt of thirteen digits', '4099900007321', 'asking_receipt', { kind: 'receipt', text: '4099900007321' }],
	[
		'a link while a receipt number is asked for',
		'https://regulars.example/c/2900000000018',
		'asking_receipt',
		{ kind: 'identify', text: 'https://regulars.example/c/2900000000018' },
	],
	['a card while enrolling', CARD, 'enrolling', { kind: 'card_for_enrolment', text: CARD }],
	['a pass while enrolling gives the number in it', 'card=2900000000018', 'enrolling', { kind: 'card_for_enrolment', text: CARD }],
	['anything while locked', CARD, 'locked', { kind: 'locked' }],
	['a symbology identifier is dropped', `]E0${CARD}`, 'anything', { kind: 'identify', text: CARD }],
])('%s', (_title, scanned, context, meaning) => {
	expect(scanMeaning(scanned, context, programme)).toEqual(meaning);
});

test('a terminal that knows no card series looks everything up', () => {
	expect(scanMeaning('R-000732', 'asking_receipt', null)).toEqual({ kind: 'identify', text: 'R-000732' });
	expect(scanMeaning('R-000732', 'asking_receipt', { ...programme, cardSeries: [] })).toEqual({ kind: 'identify', text: 'R-000732' });
});
