import { describe, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { eventId, sale } from '../../bridge/scripted/fixtures.ts';
import { confirmEarn, typeAmount } from '../earn/earn-actions.ts';
import { useEarnStore } from '../earn/earn-store.ts';
import { openFakeTerminal } from '../fake-terminal.ts';
import { identify } from '../find/find-actions.ts';
import {
	confirmRefund,
	moveSaleHighlight,
	openRefund,
	pressRefundPad,
	setPart,
	stepRefundBack,
	typeRefundAmount,
	typeRefundReceipt,
} from './refund-actions.ts';
import { restOf, useRefundStore } from './refund-store.ts';

const refund = () => useRefundStore.getState().refund;

describe('finding the sale', () => {
	test('one sale goes straight to the amount, the whole of it', async () => {
		await openFakeTerminal();
		await openRefund(null);
		typeRefundReceipt('000731');
		await confirmRefund();
		expect(refund()).toMatchObject({ phase: 'amount', partMinor: null, sale: { receiptNumber: '000731' } });
	});

	test('no sale says so and keeps the number', async () => {
		await openFakeTerminal({ 'sale.find': () => ok({ sales: [] }) });
		await openRefund('000799');
		expect(refund()).toMatchObject({ phase: 'receipt', receipt: '000799', problem: { code: 'SALE-105' }, isLooking: false });
	});

	test('several are chosen by the arrows', async () => {
		await openFakeTerminal({ 'sale.find': () => ok({ sales: [sale(), sale({ eventId: eventId(5), amountMinor: 1290 })] }) });
		await openRefund('000731');
		moveSaleHighlight(1);
		moveSaleHighlight(1);
		await confirmRefund();
		expect(refund()).toMatchObject({ phase: 'amount', sale: { amountMinor: 1290 } });
	});

	test('an empty number asks nothing', async () => {
		const bridge = await openFakeTerminal();
		await openRefund(null);
		await confirmRefund();
		expect(refund()).toMatchObject({ problem: { code: 'SALE-102' } });
		expect(bridge.made.some((call) => call.name === 'sale.find')).toBe(false);
	});
});

describe('recording it', () => {
	test('the whole rest leaves the amount to the services', async () => {
		const bridge = await openFakeTerminal();
		await openRefund('000731');
		await confirmRefund();
		const input = bridge.made.find((call) => call.name === 'sale.refund')?.input;
		expect(input).toMatchObject({ saleEventId: eventId(731) });
		expect(input).not.toHaveProperty('amountMinor');
		expect(refund()).toMatchObject({ phase: 'done', points: 36, amountMinor: 4190, isVoid: false });
	});

	test('typing makes it a part; the pad’s first digit replaces the whole', async () => {
		const bridge = await openFakeTerminal();
		await openRefund('000731');
		for (const key of ['1', '2', '9', '0'] as const) pressRefundPad(key);
		expect(refund()).toMatchObject({ partMinor: 1290 });
		await confirmRefund();
		expect(bridge.made.find((call) => call.name === 'sale.refund')?.input).toMatchObject({ amountMinor: 1290 });
	});

	test('a part of nothing is refused here', async () => {
		const bridge = await openFakeTerminal();
		await openRefund('000731');
		setPart(0);
		await confirmRefund();
		expect(refund()).toMatchObject({ problem: { code: 'SALE-101' } });
		expect(bridge.made.some((call) => call.name === 'sale.refund')).toBe(false);
	});

	test('a sale that has not left is taken back as a whole, refunded as a part', async () => {
		const bridge = await openFakeTerminal({ 'sale.find': () => ok({ sales: [sale({ canVoid: true })] }) });
		await openRefund('000731');
		await confirmRefund();
		expect(refund()).toMatchObject({ phase: 'done', isVoid: true, points: 41 });
		await openRefund('000731');
		typeRefundAmount('1000');
		await confirmRefund();
		expect(bridge.made.filter((call) => call.name === 'sale.void' || call.name === 'sale.refund').map((call) => call.name)).toEqual([
			'sale.void',
			'sale.refund',
		]);
	});

	test('a sale that left while one looked at it is refunded at the next Enter', async () => {
		const bridge = await openFakeTerminal({
			'sale.find': () => ok({ sales: [sale({ canVoid: true })] }),
			'sale.void': () => fail(terminalError('SALE-107')),
		});
		await openRefund('000731');
		await confirmRefund();
		expect(refund()).toMatchObject({ phase: 'amount', problem: { code: 'SALE-107' }, sale: { canVoid: false } });
		await confirmRefund();
		expect(bridge.made.some((call) => call.name === 'sale.refund')).toBe(true);
	});

	test('a sale that is still shown as given is not shown any more', async () => {
		await openFakeTerminal();
		await identify('1', 'scan');
		typeAmount('4190');
		await confirmEarn();
		await confirmEarn();
		await openRefund('000731');
		await confirmRefund();
		expect(useEarnStore.getState().earn.phase).toBe('typing');
	});
});

test('Esc goes back to the number, then out', async () => {
	await openFakeTerminal();
	await openRefund('000731');
	expect(stepRefundBack()).toBe(true);
	expect(refund()).toMatchObject({ phase: 'receipt', receipt: '000731' });
	expect(stepRefundBack()).toBe(false);
});

test('what is left is never less than nothing', () => {
	expect(restOf(sale({ amountMinor: 100, refundedMinor: 40 }))).toBe(60);
	expect(restOf(sale({ amountMinor: 100, refundedMinor: 140 }))).toBe(0);
});
