import type { Faker } from '@faker-js/faker';
import { faker as arabic } from '@faker-js/faker/locale/ar';
import { faker as czech } from '@faker-js/faker/locale/cs_CZ';
import { faker as german } from '@faker-js/faker/locale/de';
import { faker as greek } from '@faker-js/faker/locale/el';
import { faker as english } from '@faker-js/faker/locale/en_GB';
import { faker as spanish } from '@faker-js/faker/locale/es';
import { faker as french } from '@faker-js/faker/locale/fr';
import { faker as hebrew } from '@faker-js/faker/locale/he';
import { faker as hungarian } from '@faker-js/faker/locale/hu';
import { faker as japanese } from '@faker-js/faker/locale/ja';
import { faker as korean } from '@faker-js/faker/locale/ko';
import { faker as polish } from '@faker-js/faker/locale/pl';
import { faker as romanian } from '@faker-js/faker/locale/ro';
import { faker as thai } from '@faker-js/faker/locale/th';
import { faker as ukrainian } from '@faker-js/faker/locale/uk';
import { faker as vietnamese } from '@faker-js/faker/locale/vi';
import type { PhoneCountry } from './phone-plans.ts';

/** Names of one language, first and last names of one sex together, as Slavic and Greek surnames differ by it. */
export type NamePool = {
	readonly language: string;
	readonly country: PhoneCountry;
	readonly sexes: readonly { readonly firstNames: readonly string[]; readonly lastNames: readonly string[] }[];
};

/** How often a language occurs among a hundred members: mostly one shop's neighbourhood, with every script that a screen must draw. */
const LANGUAGES: readonly { readonly share: number; readonly language: string; readonly country: PhoneCountry; readonly faker: Faker }[] = [
	{ share: 34, language: 'hu', country: 'HU', faker: hungarian },
	{ share: 12, language: 'en', country: 'GB', faker: english },
	{ share: 11, language: 'de', country: 'DE', faker: german },
	{ share: 8, language: 'pl', country: 'PL', faker: polish },
	{ share: 4, language: 'ro', country: 'RO', faker: romanian },
	{ share: 4, language: 'ar', country: 'SA', faker: arabic },
	{ share: 4, language: 'ja', country: 'JP', faker: japanese },
	{ share: 3, language: 'cs', country: 'CZ', faker: czech },
	{ share: 3, language: 'uk', country: 'UA', faker: ukrainian },
	{ share: 3, language: 'fr', country: 'FR', faker: french },
	{ share: 3, language: 'es', country: 'ES', faker: spanish },
	{ share: 3, language: 'th', country: 'TH', faker: thai },
	{ share: 3, language: 'el', country: 'GR', faker: greek },
	{ share: 3, language: 'vi', country: 'VN', faker: vietnamese },
	{ share: 1, language: 'he', country: 'IL', faker: hebrew },
	{ share: 1, language: 'ko', country: 'KR', faker: korean },
];

/** Draws per pool: more would only repeat, no locale has that many names. */
const DRAWS = 400;

/** A hundred pools (one per percent of the members, the same pool several times), drawn once from faker under `seed`. Takes about 50 ms. */
export function drawNamePools(seed: number): readonly NamePool[] {
	return LANGUAGES.flatMap(({ share, language, country, faker }) => {
		faker.seed(seed);
		const sexes = (['female', 'male'] as const).map((sex) => ({
			firstNames: draw(() => faker.person.firstName(sex)),
			lastNames: draw(() => faker.person.lastName(sex)),
		}));
		return Array.from({ length: share }, () => ({ language, country, sexes }));
	});
}

function draw(name: () => string): readonly string[] {
	return [...new Set(Array.from({ length: DRAWS }, name))];
}
