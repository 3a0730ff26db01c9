import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { confirmEarn, typeAmount } from '../../stores/earn/earn-actions.ts';
import { identify } from '../../stores/find/find-actions.ts';
import { runCommand } from '../input/handle-key.ts';
import { card } from '../../bridge/scripted/fixtures.ts';
import { calm, down } from '../../bridge/scripted/scripts.ts';
import { member, scan, sell } from './scenario.ts';
import type { GalleryState } from './scenario.ts';

/** A member's card and the sale beside it. */
export const memberStates: Readonly<Record<string, GalleryState>> = {
	member: {
		script: down,
		run: async () => {
			await scan();
			typeAmount('4190');
		},
	},
	'member-online': { script: calm, run: scan },
	'member-unnamed': member({ name: null, firstName: null, initials: '' }),
	'member-long-name': member({
		name: 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maximiliane Theodora',
		firstName: 'Maximiliane',
	}),
	'member-arabic': member({ name: 'فاطمة الزهراء بنت عبد الرحمن', firstName: 'فاطمة' }),
	'member-japanese': member({ name: '山田 太郎', firstName: '太郎', tierId: 'silver' }),
	'member-thai': member({ name: 'สมชาย ใจดีพงษ์ศักดิ์', firstName: 'สมชาย', tierId: 'platinum', tierPoints: 18_000 }),
	'member-zero': member({
		points: 0,
		pendingPoints: 0,
		expiring: null,
		tierId: 'green',
		tierPoints: 0,
		rewards: [],
		stampCards: [],
		lastVisitAtMs: null,
		consents: {},
	}),
	'member-seven-digits': member({
		points: 1_204_990,
		pendingPoints: 12_840,
		tierId: 'platinum',
		tierPoints: 1_400_000,
		expiring: { points: 100_000, on: '2027-01-31' },
	}),
	'member-negative': member({ points: -120, pendingPoints: -36 }),
	'member-joined': member({ isBalanceUpdating: true }),
	'member-local': member({
		points: 0,
		pendingPoints: 41,
		asOfMs: 0,
		isLocal: true,
		tierId: 'green',
		tierPoints: 0,
		rewards: [],
		stampCards: [],
		expiring: null,
		barcode: '2900000004823',
		name: 'Kiss Márta',
	}),
	'member-suspended': member({ status: 'suspended' }),
	'member-text-barcode': member({ barcode: 'WALLET-PASS-7F3A-99120-KOSSUTH-TER' }),
	'member-many-rewards': member({
		rewards: Array.from({ length: 9 }, (_, index) => ({
			id: `r${index}`,
			name: `Reward number ${index + 1}`,
			cost: 100 * (index + 1),
			note: null,
			needsLine: index % 3 === 2,
		})),
	}),

	'earn-receipt': { script: down, run: () => sell('4190') },
	'earn-large-amount': {
		script: down,
		run: async () => {
			await scan();
			typeAmount('9999999999');
		},
	},
	'earn-no-amount': {
		script: down,
		run: async () => {
			await scan();
			await confirmEarn();
		},
	},
	'earn-sending': {
		script: { ...down, 'sale.earn': () => Promise.withResolvers<never>().promise },
		run: () => void sell('4190', '000732'),
	},
	'earn-given': { script: down, run: () => sell('4190', '000732') },
	'earn-repeat': { script: { ...down, 'sale.earn': () => fail(terminalError('SALE-103')) }, run: () => sell('4190', '000731') },
	'earn-refused': { script: { ...down, 'sale.earn': () => fail(terminalError('MEMBER-103')) }, run: () => sell('4190', '000732') },
	'earn-unanswered': {
		script: { ...down, 'sale.earn': () => fail(terminalError('BRIDGE-102', { verdict: 'unknown' })) },
		run: () => sell('4190', '000732'),
	},
	'earn-leave-asked': {
		script: down,
		run: async () => {
			await scan();
			typeAmount('4190');
			await runCommand('back');
		},
	},
	'earn-dropped': {
		script: {
			...down,
			'member.identify': ({ text }) =>
				ok({
					kind: 'found',
					member: card(text === '2' ? { memberId: 'm-9', name: 'Tóth Bence', firstName: 'Bence', tierId: 'green', points: 128 } : {}),
				}),
		},
		run: async () => {
			await scan();
			typeAmount('4190');
			await identify('2', 'scan');
		},
	},
	'earn-wrong-read': {
		script: {
			...down,
			'member.identify': ({ text }) => ok(text === '2' ? { kind: 'wrong_check_digit' } : { kind: 'found', member: card() }),
		},
		run: async () => {
			await scan();
			typeAmount('4190');
			await identify('2', 'scan');
		},
	},
	'redeem-off': {
		script: down,
		run: async () => {
			await scan();
			await runCommand('redeem');
		},
	},
};
