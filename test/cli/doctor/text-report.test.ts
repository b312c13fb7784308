import { describe, expect, test } from 'vitest';
import type { StepReport } from '../../../lib/cli/doctor/examination.js';
import {
  ASCII_MARKS,
  stepText,
  TERMINAL_MARKS,
  verdictText,
} from '../../../lib/cli/doctor/text-report.js';

const FAILED: StepReport = {
  step: 'connection',
  outcome: 'failed',
  summary: 'the connection was refused',
  notes: [],
  warnings: [],
  advice: ['Start the server, or correct the port.'],
  ms: 1,
  facts: {},
};

describe('the report of a step', () => {
  test('is a line, with what to do below', () => {
    expect(stepText(FAILED, ASCII_MARKS)).toBe(
      'FAIL connection  the connection was refused\n                 -> Start the server, or correct the port.\n',
    );
  });

  test('keeps within the width of a terminal, in which colours take no space', () => {
    // oxlint-disable-next-line eslint/no-control-regex -- colours
    const text = stepText(FAILED, TERMINAL_MARKS, 40).replaceAll(/\u001B\[\d+m/gu, '');
    expect(text).toBe(
      [
        '✗ connection  the connection was refused',
        '              → Start the server, or',
        '                correct the port.',
        '',
      ].join('\n'),
    );
  });

  test('breaks no word, however narrow the terminal', () => {
    expect(stepText(FAILED, ASCII_MARKS, 1).split('\n')[0]).toBe('FAIL connection  the');
  });
});

describe('the verdict', () => {
  const passed: StepReport = { ...FAILED, outcome: 'passed', advice: [], warnings: ['slow'] };

  test('names the step that failed', () => {
    const diagnosis = { endpoint: 'tcp://a:1', isFine: false, steps: [passed, FAILED] };
    expect(verdictText(diagnosis)).toBe('tcp://a:1 fails at "connection".\n');
  });

  test('shows no password that stands in an address', () => {
    const steps = [{ ...FAILED, step: 'address' as const }];
    const diagnosis = { endpoint: 'tcp://alice:wonder@a:1', isFine: false, steps };
    expect(verdictText(diagnosis)).not.toContain('wonder');
  });

  test('counts the warnings', () => {
    const diagnosis = { endpoint: 'tcp://a:1', isFine: true, steps: [passed] };
    expect(verdictText(diagnosis)).toBe(
      'tcp://a:1 is fine, with 1 warning: a client can call this server.\n',
    );
  });
});
