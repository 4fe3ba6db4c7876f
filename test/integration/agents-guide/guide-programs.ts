/** One program of the guide. */
export interface GuideProgram {
  readonly file: string;
  readonly code: string;
  /** What the guide says that it prints; undefined for a module that only others import. */
  readonly prints: string | undefined;
}

export interface Guide {
  readonly programs: readonly GuideProgram[];
  /** First lines of TypeScript that is no program, and of outputs of none. */
  readonly strays: readonly string[];
}

const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;
const FILE = /^\/\/ file: (\S+)\n/;

/**
 * Reads the programs of a page: a `ts` fence that begins with `// file: name.ts` is one, and a `text` fence is what
 * the program above it prints.
 */
export function readGuide(markdown: string): Guide {
  const programs: { file: string; code: string; prints: string | undefined }[] = [];
  const strays: string[] = [];
  for (const [, language, body = ''] of markdown.matchAll(FENCE)) {
    const above = programs.at(-1);
    const file = FILE.exec(body)?.[1];
    if (language === 'ts' && file !== undefined) programs.push({ file, code: body, prints: undefined });
    else if (language === 'text' && above && above.prints === undefined) above.prints = body;
    else if (language === 'ts' || language === 'text') strays.push(body.slice(0, body.indexOf('\n')));
  }
  return { programs, strays };
}

/** Whether `printed` is what the guide says: `…` in a line stands for any characters, alone for any lines. */
export function isAsStated(stated: string, printed: string): boolean {
  const pattern = stated
    .trimEnd()
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\\n)*' : `${line.split('…').map(escaped).join('.*')}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${printed}\n`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
