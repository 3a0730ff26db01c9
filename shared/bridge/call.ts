import type { z } from 'zod';

/** One call of the contract: what goes in and what comes out, both parsed on both sides. */
export type Call<I extends z.ZodType, O extends z.ZodType> = { readonly input: I; readonly output: O };

/** A call of the contract with its schemas. */
export function call<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Call<I, O> {
	return { input, output };
}
