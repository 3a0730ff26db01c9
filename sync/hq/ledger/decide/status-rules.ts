import type { EventAction } from '#shared/wire/event.ts';
import type { CardStatus, MemberStatus } from '#shared/wire/member-row.ts';
import type { WireCodeName } from '../../wire-error.ts';

type Rule = 'allowed' | WireCodeName;

const OPEN = { active: 'allowed', inactive: 'allowed', suspended: 'allowed', stub: 'allowed' } as const;
// `merged` cannot be met: a merged id stands for the member that it was merged into.
const EARNING = { ...OPEN, opted_out: 'optedOut', merged: 'identityConflict' } as const;

/**
 * Which action is allowed to which member. Points that a shop has promised are never lost to a status: whoever is not opted out earns,
 * and can use it once active. Only what takes value out needs an active member. A second `opt_out` is allowed and does nothing.
 */
export const STATUS_RULES: Record<EventAction, Record<MemberStatus, Rule>> = {
	opt_in: EARNING,
	profile: EARNING,
	checkout: EARNING,
	refund: EARNING,
	partial_refund: EARNING,
	point_add: EARNING,
	point_sub: { ...EARNING, inactive: 'customerNotActive', suspended: 'customerNotActive', stub: 'customerNotActive' },
	opt_out: { ...EARNING, opted_out: 'allowed' },
};

/**
 * Which action is allowed by which card. A blocked or replaced card still tells whose points they are; whoever found or kept it
 * must not take points out, change the member, or end the membership with it.
 */
export const CARD_RULES: Record<EventAction, Record<CardStatus, Rule>> = {
	opt_in: { active: 'allowed', blocked: 'customerNotActive', replaced: 'customerNotActive' },
	profile: { active: 'allowed', blocked: 'customerNotActive', replaced: 'customerNotActive' },
	checkout: { active: 'allowed', blocked: 'allowed', replaced: 'allowed' },
	refund: { active: 'allowed', blocked: 'allowed', replaced: 'allowed' },
	partial_refund: { active: 'allowed', blocked: 'allowed', replaced: 'allowed' },
	point_add: { active: 'allowed', blocked: 'allowed', replaced: 'allowed' },
	point_sub: { active: 'allowed', blocked: 'customerNotActive', replaced: 'customerNotActive' },
	opt_out: { active: 'allowed', blocked: 'customerNotActive', replaced: 'customerNotActive' },
};
