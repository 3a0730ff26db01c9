import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';

/** The names of `WIRE_CODES`. */
export type WireCodeName = keyof typeof WIRE_CODES;

/** The exception names under which Antavo's clients know these; all others are `RuntimeException`. */
const TYPES: Partial<Record<WireCodeName, string>> = {
	authorizationMalformed: 'UnauthorizedException',
	signatureWrong: 'UnauthorizedException',
	terminalRevoked: 'ForbiddenException',
	customerNotFound: 'NotFoundException',
	notFound: 'NotFoundException',
	bodyMalformed: 'BadRequestException',
	bodyTooLarge: 'BadRequestException',
	itemMalformed: 'BadRequestException',
	propertyInvalid: 'BadRequestException',
};

/** An error as it stands on the wire. `message` is for engineers: it names properties, never their values. */
export function wireError(name: WireCodeName, message: string): WireError {
	return { type: TYPES[name] ?? 'RuntimeException', code: WIRE_CODES[name], message: message.slice(0, 500) };
}
