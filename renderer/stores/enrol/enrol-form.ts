import type { EnrolForm } from '#shared/bridge/member-calls.ts';
import type { ConsentTerm } from '#shared/domain/programme.ts';
import type { Missing } from './enrol-store.ts';

/** The consents to ask for in `language`: for each purpose the wording in that language, else the programme's first. */
export function consentTermsFor(terms: readonly ConsentTerm[], language: string): readonly ConsentTerm[] {
	const byPurpose = new Map<ConsentTerm['purpose'], ConsentTerm>();
	for (const term of terms) {
		const chosen = byPurpose.get(term.purpose);
		const isBetter = chosen !== undefined && chosen.language !== language && term.language === language;
		if (chosen === undefined || isBetter) byPurpose.set(term.purpose, term);
	}
	return [...byPurpose.values()];
}

/** What the form lacks, by the same rule as the services: card, first name, one contact, required consents; in the order in which it is asked for. */
export function missingParts(
	form: EnrolForm,
	granted: Readonly<Record<string, boolean>>,
	terms: readonly ConsentTerm[],
): readonly Missing[] {
	const missing: Missing[] = [];
	if (form.barcode.trim() === '') missing.push('card');
	if (form.firstName.trim() === '') missing.push('name');
	if (form.mobile.trim() === '' && form.email.trim() === '') missing.push('contact');
	if (terms.some((term) => term.isRequired && granted[term.purpose] !== true)) missing.push('terms');
	return missing;
}

/** Where a text that found nobody belongs in the form: an address, a number, else a name. The last word of a name is the last name. */
export function formFromText(text: string): Partial<EnrolForm> {
	const trimmed = text.trim();
	if (trimmed.includes('@')) return { email: trimmed.slice(0, 255) };
	if (/^\+?[\d\s()/-]{6,}$/.test(trimmed)) return { mobile: trimmed.slice(0, 40) };
	if (/\d/.test(trimmed)) return {};
	const words = trimmed.split(/\s+/);
	const lastName = words.length > 1 ? (words.at(-1) ?? '') : '';
	return {
		firstName: words
			.slice(0, lastName === '' ? 1 : -1)
			.join(' ')
			.slice(0, 100),
		lastName: lastName.slice(0, 100),
	};
}
