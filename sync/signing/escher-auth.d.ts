/** The part of `escher-auth` (https://github.com/emartech/escher-js) that our tests check ourselves against. It ships no types. */
declare module 'escher-auth' {
	type Headers = [name: string, value: string][];
	type Options = { method: string; url: string; headers: Headers };

	class Escher {
		constructor(config: Readonly<Record<string, string | number>>);
		/** Adds the date (unless there is one) and authorization headers to `options.headers`, at the time of the global clock. */
		signRequest(options: Options, body: string, headersToSign?: string[]): Options;
		/** The key that signed, or throws. */
		authenticate(request: Options & { body: string }, secretOf: (key: string) => string | undefined, mandatoryHeaders?: string[]): string;
	}
	export = Escher;
}
