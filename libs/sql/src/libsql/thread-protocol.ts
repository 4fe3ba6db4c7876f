/** What the process and its libsql thread say to each other. Replies come in the order of the requests. */

/** What a statement may be given. libsql aborts the whole process when it is handed a boolean. */
export type SqlParameter = string | number | bigint | null;

export interface LibsqlThreadData {
  readonly path: string;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs: number;
}

export type ThreadRequest =
  | { readonly kind: 'execute'; readonly sql: string; readonly parameters: readonly SqlParameter[] }
  | { readonly kind: 'close' };

export type ThreadReply =
  | { readonly kind: 'opened' }
  | {
      readonly kind: 'done';
      readonly rows: readonly unknown[];
      /** Undefined for a statement that answers with rows. */
      readonly changes: number | undefined;
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
