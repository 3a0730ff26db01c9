import { nextTier, tierFor } from '#shared/domain/earn.ts';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { toMajor } from '#shared/domain/money.ts';
import type { Programme } from '#shared/domain/programme.ts';
import type { WireCustomer } from '#shared/wire/customer.ts';
import type { MemberState } from '../ledger/decide/member-state.ts';

/** Attributes that the customer object has a place of its own for. */
const ROOT_ATTRIBUTES: ReadonlySet<string> = new Set(['birth_date', 'gender', 'nickname']);

/** A member as Antavo's customer object. */
export function customerOf(member: MemberState, programme: Programme): WireCustomer {
	const language = member.profile.language ?? null;
	const rest = Object.entries(member.attributes).filter(([name]) => !ROOT_ATTRIBUTES.has(name));
	return {
		id: MemberIdSchema.parse(member.id),
		optin_at: toSeconds(member.optInAtMs),
		last_login_at: null,
		updated_at: Math.floor(member.updatedAtMs / 1000),
		first_name: member.firstName,
		last_name: member.lastName,
		email: member.email,
		mobile_phone: member.mobile,
		birth_date: textOf(member.attributes['birth_date']),
		gender: textOf(member.attributes['gender']),
		language,
		nickname: textOf(member.attributes['nickname']),
		status: member.status,
		score: member.earned,
		spent: member.spent,
		reserved: member.reserved,
		expired: member.expired,
		spendable: member.points,
		pending: member.profile.pending ?? 0,
		properties: { ...Object.fromEntries(rest), ...(member.card === null ? {} : { loyalty_barcode: member.card }) },
		purchase_total: toMajor(member.purchaseTotalMinor, programme.currency),
		purchase_count: member.purchaseCount,
		purchase_last_date: member.purchaseLastAtMs === null ? null : new Date(member.purchaseLastAtMs).toISOString().slice(0, 10),
		tiers: [tierOf(member, programme)],
	};
}

function tierOf(member: MemberState, programme: Programme): WireCustomer['tiers'][number] {
	const { id, name, threshold } = tierFor(member.tierPoints, programme);
	const next = nextTier(member.tierPoints, programme);
	return {
		id,
		name,
		threshold,
		points: member.tierPoints,
		...(next === null ? {} : { next: { id: next.tier.id, name: next.tier.name, points: next.missing } }),
	};
}

function textOf(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}

function toSeconds(ms: number | null): number | null {
	return ms === null ? null : Math.floor(ms / 1000);
}
