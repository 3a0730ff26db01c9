/** A country's mobile numbers: E.164 prefixes and how many digits follow. Ranges that the national plans really hand out. */
export type PhonePlan = { readonly prefixes: readonly string[]; readonly digits: number };

/** By ISO 3166 country. */
export const PHONE_PLANS = {
	HU: { prefixes: ['+3620', '+3630', '+3670'], digits: 7 },
	GB: { prefixes: ['+44740', '+44752', '+44775', '+44780'], digits: 7 },
	DE: { prefixes: ['+491512', '+491522', '+491602', '+491702'], digits: 7 },
	PL: { prefixes: ['+4850', '+4860', '+4866', '+4879'], digits: 7 },
	SA: { prefixes: ['+96650', '+96653', '+96655'], digits: 7 },
	JP: { prefixes: ['+81803', '+81901', '+81905'], digits: 7 },
	TH: { prefixes: ['+6681', '+6686', '+6689'], digits: 7 },
	GR: { prefixes: ['+30694', '+30697', '+30693'], digits: 7 },
	VN: { prefixes: ['+8490', '+8491', '+8498'], digits: 7 },
	FR: { prefixes: ['+3361', '+3366', '+3368'], digits: 7 },
	ES: { prefixes: ['+3460', '+3461', '+3465'], digits: 7 },
	UA: { prefixes: ['+38050', '+38067', '+38095'], digits: 7 },
	RO: { prefixes: ['+4072', '+4074', '+4076'], digits: 7 },
	CZ: { prefixes: ['+420602', '+420724', '+420777'], digits: 6 },
	IL: { prefixes: ['+972502', '+972528', '+972545'], digits: 6 },
	KR: { prefixes: ['+82102', '+82104', '+82109'], digits: 7 },
} as const satisfies Record<string, PhonePlan>;

export type PhoneCountry = keyof typeof PHONE_PLANS;

/** Odd and no multiple of 5, so that multiplying by it permutes the numbers below a power of ten. */
const SCATTER = 7_654_321;

/**
 * The mobile number of member `index`: numbers under one prefix differ for indices that are less than a million apart,
 * so that a search by phone finds one person. `offset` starts each seed elsewhere.
 */
export function phoneOf(plan: PhonePlan, index: number, offset: number): string {
	const prefix = plan.prefixes[index % plan.prefixes.length] ?? '';
	const range = 10 ** plan.digits;
	// Below 2^53: index and offset are reduced before they are multiplied.
	const digits = ((index % range) * SCATTER + (offset % range)) % range;
	return prefix + String(digits).padStart(plan.digits, '0');
}
