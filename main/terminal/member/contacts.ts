import { domainToASCII } from 'node:url';
// `max`: only the full tables know that a Hungarian mobile number with a digit too few is none.
import { AsYouType, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { ProfileDataSchema } from '#shared/wire/event.ts';

/** A name as it is stored: composed (NFC), without control and invisible formatting characters, single spaces; `null` when nothing is left. */
export function normaliseName(text: string): string | null {
	const name = text
		.normalize('NFC')
		// Zero-width joiners are part of words in Persian, Indic scripts and emoji; all other format characters only hide.
		.replaceAll(/[\p{Cc}\p{Co}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu, ' ')
		.replaceAll(/\s+/gu, ' ')
		.trim();
	return name === '' ? null : name;
}

/** A whole mobile number in E.164, or `null` when it is none. `country` (ISO 3166) is for numbers typed without one. */
export function normaliseMobile(text: string, country: string): string | null {
	const number = parsePhoneNumberFromString(text.trim(), { ...defaultCountry(country), extract: false });
	if (number?.isValid() !== true) return null;
	return ProfileDataSchema.shape.mobile_phone.safeParse(number.number).data ?? null;
}

/** The beginning of a number in E.164 while it is typed (`0630 12` → `+363012`), or `null` when it is no beginning. */
export function mobilePrefix(text: string, country: string): string | null {
	const typed = text.trim().replace(/^00/, '+');
	if (!/^\+?[\d\s()./-]+$/.test(typed)) return null;
	const typing = new AsYouType(defaultCountry(country));
	typing.input(typed);
	const value = typing.getNumberValue();
	return value !== undefined && /^\+[1-9]\d*$/.test(value) ? value : null;
}

/**
 * An e-mail address as it is stored, or `null` when it is none. The domain is lower case and in its ASCII form;
 * the part before it is the mail server's own business and stays.
 */
export function normaliseEmail(text: string): string | null {
	const email = text.trim();
	const at = email.lastIndexOf('@');
	if (at < 1) return null;
	const normalised = `${email.slice(0, at)}@${domainToASCII(email.slice(at + 1))}`;
	return ProfileDataSchema.shape.email.safeParse(normalised).data ?? null;
}

function defaultCountry(country: string): { defaultCountry?: CountryCode } {
	return isSupportedCountry(country) ? { defaultCountry: country } : {};
}
