import type { Finding } from './finding.js';

/** The result of one scenario. */
export interface Outcome {
  readonly name: string;
  readonly fault: string;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

const HEAD = ['fault', 'what', 'bar', 'measured', 'verdict'];

/** The results in Markdown. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ fault, findings }) =>
    findings.map(({ what, bar, measured, holds }, n) => [
      n === 0 ? fault : '',
      what,
      bar,
      measured,
      holds ? 'holds' : '**missed**',
    ]),
  );
  return [HEAD, HEAD.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
