/** What the bundler gives for files that are no code: class names, addresses, nothing. */

declare module '*.module.css' {
	const classNames: Readonly<Record<string, string>>;
	export default classNames;
}

declare module '*.css' {}

declare module '@fontsource-variable/*' {}

declare module '*.svg' {
	const url: string;
	export default url;
}

declare module '*.woff2' {
	const url: string;
	export default url;
}

declare module '*.wav' {
	const url: string;
	export default url;
}
