import type { CallInput } from '#shared/bridge/contract.ts';
import type { Identification, MemberCard } from '#shared/bridge/member-card.ts';
import { readBarcode } from '#shared/domain/loyalty-barcode.ts';
import type { BarcodeReading } from '#shared/domain/loyalty-barcode.ts';
import { unreachable } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { CardStatus } from '#shared/wire/member-row.ts';
import { qrRule } from '../context.ts';
import type { TerminalContext } from '../context.ts';
import { normaliseMobile } from './contacts.ts';
import { findByCard, findById } from './known-member.ts';
import type { KnownMember } from './known-member.ts';
import { memberCard, memberLine } from './member-card.ts';
import { searchMembers, typedKind } from './search-members.ts';

/** Lines of a list to choose from; more are told by `hasMore`. */
const LINES_MAX = 20;
/** A typed text with at least so many digits may be a card that nobody has; with fewer it is the beginning of something. */
const CARD_DIGITS_MIN = 6;

/**
 * Leads from a scanned or typed text to a member, or says what the text is. Exact barcodes come first, whatever the text looks like;
 * what is found by none of them is then searched (typed) and explained by its form. Never fails: not finding is an answer.
 */
export async function identify(
	context: TerminalContext,
	input: CallInput<'member.identify'>,
): Promise<Result<Identification, LoyaltyError>> {
	const found = await findByCard(context, input.text);
	if (found !== null) return ok(await present(context, found.known, found.cardStatus));
	const reading = readBarcode(input.text, { ...qrRule(context), cardSeries: context.programme()?.cardSeries ?? [] });
	if (input.source === 'scan') return ok(explain(context, reading));
	return ok(await identifyTyped(context, input.text, reading));
}

/** The member with this id as it is today. MEMBER-104 when it is gone. */
export async function openMember(context: TerminalContext, input: CallInput<'member.open'>): Promise<Result<MemberCard, LoyaltyError>> {
	const known = await findById(context, input.memberId);
	return known === null ? fail(terminalError('MEMBER-104')) : ok(await memberCard(context, known));
}

async function present(context: TerminalContext, known: KnownMember, cardStatus: CardStatus): Promise<Identification> {
	if (cardStatus !== 'active') return { kind: 'blocked_card', member: await memberLine(context, known), cardStatus };
	return { kind: 'found', member: await memberCard(context, known) };
}

async function identifyTyped(context: TerminalContext, text: string, reading: BarcodeReading): Promise<Identification> {
	const members = await searchMembers(context, text, LINES_MAX + 1);
	const [only] = members;
	if (only !== undefined && members.length === 1) return present(context, only, 'active');
	if (members.length > 0) {
		const lines = await Promise.all(members.slice(0, LINES_MAX).map((known) => memberLine(context, known)));
		return { kind: 'several', members: lines, hasMore: members.length > LINES_MAX };
	}
	if (typedKind(text) === 'nothing') return { kind: 'unreadable', reason: text.trim() === '' ? 'too_short' : 'characters' };
	return looksLikeCard(context, text, reading) ? explain(context, reading) : { kind: 'nobody', ...freshness(context) };
}

/** Whether a typed text that found nobody was meant as a card. A mobile number never is, however well it would fit a card. */
function looksLikeCard(context: TerminalContext, text: string, reading: BarcodeReading): boolean {
	if (reading.kind === 'unreadable') return false;
	if (reading.kind === 'card' && reading.seriesId !== null) return true;
	if (text.replaceAll(/\D/g, '').length < CARD_DIGITS_MIN) return false;
	return normaliseMobile(text, context.programme()?.phoneCountry ?? '') === null;
}

function explain(context: TerminalContext, reading: BarcodeReading): Identification {
	switch (reading.kind) {
		case 'card':
			return { kind: 'unknown_card', barcode: reading.barcode, ...freshness(context) };
		case 'unreadable':
			return { kind: 'unreadable', reason: reading.reason };
		case 'wrong_check_digit':
		case 'coupon':
		case 'book':
			return { kind: reading.kind };
		default:
			return unreachable(reading);
	}
}

/** How old the answer "nobody" is, and whether it says anything yet. */
function freshness(context: TerminalContext): { readonly asOfMs: number; readonly isLoading: boolean } {
	const { asOfMs, phase } = context.replica.state();
	return { asOfMs, isLoading: phase !== 'ready' && asOfMs === 0 };
}
