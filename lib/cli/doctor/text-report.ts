import { shownAddress } from '../../nest/options/addresses.js';
import type { Diagnosis } from './doctor.js';
import type { StepReport } from './examination.js';

/** Marks of a terminal, or of a file that may be read anywhere. */
export interface Marks {
  readonly passed: string;
  readonly failed: string;
  readonly skipped: string;
  readonly warning: string;
  readonly advice: string;
}

export const TERMINAL_MARKS: Marks = {
  passed: '\u001B[32m✓\u001B[39m',
  failed: '\u001B[31m✗\u001B[39m',
  skipped: '\u001B[2m–\u001B[22m',
  warning: '\u001B[33m!\u001B[39m',
  advice: '→',
};

/** Without colours. */
export const UNCOLOURED_MARKS: Marks = {
  passed: '✓',
  failed: '✗',
  skipped: '–',
  warning: '!',
  advice: '→',
};

export const ASCII_MARKS: Marks = {
  passed: 'ok  ',
  failed: 'FAIL',
  skipped: 'skip',
  warning: '!',
  advice: '->',
};

/** The longest name of a step is `connection`. */
const NAME_WIDTH = 10;

/**
 * One step as lines of text, the last with a line end.
 *
 * @param width of the terminal, in characters; without one, no line is broken
 */
export function stepText(report: StepReport, marks: Marks, width = Infinity): string {
  const { step, outcome, summary, notes, warnings, advice } = report;
  const inset = ' '.repeat(lengthOf(marks.passed) + NAME_WIDTH + 3);
  const block = (first: string, text: string) => wrapped(first, text, width);
  const lines = [
    ...block(`${marks[outcome]} ${step.padEnd(NAME_WIDTH)}  `, summary),
    ...notes.flatMap((note) => block(inset, note)),
    ...warnings.flatMap((warning) => block(`${inset}${marks.warning} `, warning)),
    ...advice.flatMap((line) => block(`${inset}${marks.advice} `, line)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Text behind a beginning; further lines stand below the text. */
function wrapped(first: string, text: string, width: number): string[] {
  const inset = lengthOf(first);
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && inset + longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line, at) => (at === 0 ? first : ' '.repeat(inset)) + line);
}

/** Without colours, which take no space. */
function lengthOf(text: string): number {
  // oxlint-disable-next-line eslint/no-control-regex -- that is how colours begin
  return text.replaceAll(/\u001B\[\d+m/gu, '').length;
}

/** The last line. */
export function verdictText({ endpoint, steps }: Diagnosis): string {
  const failed = steps.find(({ outcome }) => outcome === 'failed');
  // The address may be anything, and have a password in it.
  if (failed)
    return `${failed.step === 'address' ? shownAddress(endpoint) : endpoint} fails at "${failed.step}".\n`;
  const warnings = steps.reduce((sum, step) => sum + step.warnings.length, 0);
  const also =
    warnings === 0 ? '' : `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  return `${endpoint} is fine${also}: a client can call this server.\n`;
}
