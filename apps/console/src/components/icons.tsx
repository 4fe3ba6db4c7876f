import type { ReactNode, SVGProps } from 'react';

type IconProps = SVGProps<SVGSVGElement> & { readonly size?: number };

function Icon({ size = 20, children, ...rest }: IconProps & { readonly children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      {...rest}
    >
      {children}
    </svg>
  );
}

export const MicIcon = (props: IconProps) => (
  <Icon {...props}>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </Icon>
);

export const MicOffIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M15 9.5V6a3 3 0 0 0-5.9-.8M9 9v2a3 3 0 0 0 4.6 2.5M18.5 11.5a6.4 6.4 0 0 1-.7 3M5.5 11.5a6.5 6.5 0 0 0 9.6 5.7M12 18v3M4 4l16 16" />
  </Icon>
);

export const HangUpIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M3.2 14.6c-.5-1.7.2-3.3 1.7-4.2a14 14 0 0 1 14.2 0c1.5.9 2.2 2.5 1.7 4.2l-.2.6c-.2.7-1 1.1-1.7.9l-2.6-.8a1.4 1.4 0 0 1-1-1.3v-1.7a11 11 0 0 0-6.6 0V14c0 .6-.4 1.1-1 1.3l-2.6.8c-.7.2-1.5-.2-1.7-.9z" />
  </Icon>
);

export const CameraIcon = (props: IconProps) => (
  <Icon {...props}>
    <rect x="3" y="6.5" width="12.5" height="11" rx="2.5" />
    <path d="m15.5 11 5.5-3v8l-5.5-3" />
  </Icon>
);

export const CameraOffIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M10 6.5h3a2.5 2.5 0 0 1 2.5 2.5V11l5.5-3v8l-3-1.6M15.5 15.5a2.5 2.5 0 0 1-2.5 2H5.5A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 2-2.45M4 4l16 16" />
  </Icon>
);

export const SendIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M5 12h13M12.5 6.5 18 12l-5.5 5.5" />
  </Icon>
);

export const StopIcon = (props: IconProps) => (
  <Icon {...props}>
    <rect x="7" y="7" width="10" height="10" rx="2.5" />
  </Icon>
);

export const PlusIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 6v12M6 12h12" />
  </Icon>
);

export const SunIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
  </Icon>
);

export const MoonIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z" />
  </Icon>
);

export const ToolIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M14.6 6.4a4.2 4.2 0 0 1 4.7-.8l-2.5 2.5.4 1.7 1.7.4 2.1-2.2a4.2 4.2 0 0 1-5.6 5.1l-6 6a2 2 0 0 1-2.9-2.9l6-6a4.2 4.2 0 0 1 2.1-3.8z" />
  </Icon>
);

export const ThinkingIcon = (props: IconProps) => (
  <Icon {...props} strokeWidth={3}>
    <path d="M6 12h.01M12 12h.01M18 12h.01" />
  </Icon>
);

export const BoltIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M13 3 5.5 13.5H11L10 21l8.5-11H13z" />
  </Icon>
);

export const WaveIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M4.5 10.5v3M8.25 7.5v9M12 5v14M15.75 8v8M19.5 10.5v3" />
  </Icon>
);
