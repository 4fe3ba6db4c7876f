import type { Figures } from '../check.js';
import type { CheckResult } from '../run/run-checks.js';
import { summaryOf, type VerifyReport } from './verify-report.js';

const SERVICES = {
  gemini: 'the Gemini API',
  vertex: 'Vertex AI',
  emulator: "the emulator (nobody's real model)",
} as const;

/** The report for people. */
export function markdownReport(report: VerifyReport): string {
  const { checks, host, model, node, spent, startedAt, stopped, tookMs } = report;
  const open = checks.filter(({ openPoint }) => openPoint !== undefined);
  return [
    `# Live API: what ${SERVICES[report.service]} does`,
    '',
    `${startedAt}, model \`${model}\` at \`${host}\`, Node ${node}, ${seconds(tookMs)} s.`,
    `${spent.sessions} sessions, ${seconds(spent.spokenMs)} s of speech sent, ${spent.tokens} tokens reported.`,
    '',
    `**${summaryOf(report)}.**${stopped ? ' The run was stopped before its end.' : ''}`,
    '',
    '## Open points',
    '',
    ...table(
      ['open point', 'verdict', 'what was seen'],
      open.map(({ openPoint = '', says, verdict }) => [openPoint, verdict, says]),
    ),
    '',
    '## Checks',
    '',
    ...table(
      ['check', 'verdict', 'what was seen', 'figures'],
      checks.map(({ figures, name, says, verdict }) => [name, verdict, says, figuresText(figures)]),
    ),
    '',
    '## Questions',
    '',
    ...checks.map(({ name, question, tookMs: ms }) => `- **${name}** (${seconds(ms)} s): ${question}`),
    '',
  ].join('\n');
}

/** One line for the terminal. */
export function resultLine({ figures, name, says, verdict }: CheckResult): string {
  const mark = { pass: '✓', fail: '✗', observed: '○', 'not applicable': '–' }[verdict];
  const shown = figuresText(figures);
  return `${mark} ${name}: ${says}${shown === '' ? '' : ` [${shown}]`}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return ['None was asked for.'];
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map(
    (row) => `| ${row.join(' | ')} |`,
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function figuresText(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
