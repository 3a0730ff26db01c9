import type { CardStatus, MemberProfile, MemberStatus } from '#shared/wire/member-row.ts';

/**
 * A member who is brought in with a balance: from a file, or invented. Limits are those of `MemberRowSchema`; no text in it holds
 * a control character. An import knows no wording that was agreed to, so the consents in `profile` come without evidence.
 */
export type NewMember = {
	readonly id: string;
	readonly status: Extract<MemberStatus, 'active' | 'inactive' | 'suspended'>;
	readonly card: string | null;
	readonly cardStatus: CardStatus | null;
	readonly firstName: string | null;
	readonly lastName: string | null;
	/** E.164. */
	readonly mobile: string | null;
	readonly email: string | null;
	/** Spendable points. */
	readonly points: number;
	readonly tier: string;
	readonly tierPoints: number;
	readonly updatedAtMs: number;
	readonly optInAtMs: number | null;
	readonly aliases: readonly (readonly [value: string, kind: 'card' | 'pass' | 'old_card', status: CardStatus])[];
	readonly profile: MemberProfile;
};
