/** Variables that choose a model provider: they reach a child only when the stack was told to use them. */
export const PROVIDER_VARIABLES = [
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENAI_API_KEY',
  'GOOGLE_GENAI_USE_VERTEXAI',
  'GOOGLE_GENAI_USE_ENTERPRISE',
  'GOOGLE_CLOUD_PROJECT',
  'GOOGLE_CLOUD_LOCATION',
  'GOOGLE_GEMINI_BASE_URL',
  'GEMINI_API_KEY_FILE',
  'GOOGLE_API_KEY_FILE',
] as const;

export type StackProvider =
  | {
      readonly kind: 'emulator';
      readonly speech: 'real' | 'synthetic' | 'cheap';
      /** Folder with scenarios beside those that are built in. */
      readonly scenarioFolder?: string;
      /** The scenario of every call; default: the one that the agent names, else rules alone. */
      readonly scenario?: string;
    }
  /** Something that speaks the Gemini Live wire at this address already. */
  | { readonly kind: 'emulator-at'; readonly url: string }
  /** Whatever this process's environment says. */
  | { readonly kind: 'environment' };

export interface StackOptions {
  readonly dataDir: string;
  /** Of the first gateway; 0 for any free one. */
  readonly port: number;
  /** Default 1. They are named `gateway`, `gateway-2` … */
  readonly gateways?: number;
  /** They are named `worker-1` … */
  readonly workers: number;
  /** Sessions per worker. */
  readonly capacity: number;
  readonly redis: { readonly url: string } | { readonly prefer: 'server' | 'embedded' };
  /** Default: a file in the data folder. */
  readonly databaseUrl?: string;
  /** Folder for the files of sessions. Default: `artifacts` in the data folder. */
  readonly artifactsDir?: string;
  readonly provider: StackProvider;
  /** Further settings for every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further settings for one process, by its name. */
  readonly envOf?: (name: string) => Readonly<Record<string, string>>;
  /** A worker that is gone, for whatever reason, is started again `restartPauseMs` later, as Kubernetes would. */
  readonly restartWorkers?: boolean;
  /** The same for gateways; they come back at their port. */
  readonly restartGateways?: boolean;
  /** Default 1,000. */
  readonly restartPauseMs?: number;
  /**
   * Lines that lead over a `TcpProxy`, to be broken: `links` from all gateways to each worker (needs an operating
   * system where all of 127/8 is loopback, such as Linux), `redis` from each process to a local Redis.
   */
  readonly proxied?: readonly ('links' | 'redis')[];
  readonly onProgress?: (line: string) => void;
}
