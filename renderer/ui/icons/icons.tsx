import type { ReactNode } from 'react';

/** Icons are drawings beside words; they say nothing by themselves to a screen reader. */
function Icon({ children, size = '1.25em' }: { readonly children: ReactNode; readonly size?: string }) {
	return (
		<svg
			aria-hidden="true"
			focusable="false"
			width={size}
			height={size}
			viewBox="0 0 24 24"
			fill="none"
			stroke="currentColor"
			strokeWidth="2"
			strokeLinecap="round"
			strokeLinejoin="round"
		>
			{children}
		</svg>
	);
}

type IconProps = { readonly size?: string };

export const BackspaceIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M9 5h11a1.5 1.5 0 0 1 1.5 1.5v11A1.5 1.5 0 0 1 20 19H9l-6.5-7Z" />
		<path d="m11.5 9 6 6m0-6-6 6" />
	</Icon>
);

export const CheckIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m4.5 12.5 5 5 10-11" />
	</Icon>
);

export const EnterIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M20 5v6a2.5 2.5 0 0 1-2.5 2.5H5" />
		<path d="m9 9-4.5 4.5L9 18" />
	</Icon>
);

export const WarningIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M12 3.5 22 20.5H2Z" />
		<path d="M12 10v4.5" />
		<path d="M12 17.4v.1" />
	</Icon>
);

export const RefusedIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="12" r="9.5" />
		<path d="m5.5 5.5 13 13" />
	</Icon>
);

export const BarcodeIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M3 6v12M7 6v12M10.5 6v12M14 6v12M17 6v12M21 6v12" />
	</Icon>
);

export const TicketIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M3 7h18v3.5a1.5 1.5 0 0 0 0 3V17H3v-3.5a1.5 1.5 0 0 0 0-3Z" />
		<path d="M9 7v2m0 3v1m0 3v1" />
	</Icon>
);

export const PersonSearchIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="8" r="4" />
		<path d="M3 20c.5-4 3.2-6 7-6 1 0 2 .2 2.8.5" />
		<circle cx="17" cy="17" r="3" />
		<path d="m19.2 19.2 2.3 2.3" />
	</Icon>
);

export const LockIcon = (props: IconProps) => (
	<Icon {...props}>
		<rect x="4.5" y="10.5" width="15" height="10" rx="2" />
		<path d="M8 10.5V7.5a4 4 0 0 1 8 0v3" />
	</Icon>
);
