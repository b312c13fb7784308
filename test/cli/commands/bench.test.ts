import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { describe, expect, test } from 'vitest';
import { ERASE_LINE } from '../../../lib/cli/bench/live-line.js';
import { runLine } from '../../support/cli-io.js';
import { serve } from '../../support/nest.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

/** Longer than from one line of progress to the next. */
const args = (endpoint = '') => [
  'bench',
  '-p',
  'echo',
  '--duration',
  '600ms',
  '--warm-up',
  '0',
  '-e',
  endpoint,
];

describe('a bench', () => {
  test('on a terminal shows how it goes, in one line that fits, and is gone at the end', async () => {
    await using server = await serve([EchoController]);
    const { complained, written, exitCode } = await runLine(args(server.endpoints[0]), {
      isTty: true,
      columns: 40,
    });
    const [warning, ...lines] = complained.split(ERASE_LINE);
    expect(warning).toContain('These are real calls');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines[0]).toMatch(/^0\/1 s {2}/u);
    for (const line of lines) expect(line.length).toBeLessThan(40);
    expect(lines.at(-1)).toBe('');
    expect(written).toContain('answered');
    expect(exitCode).toBe(0);
  });

  test('elsewhere shows only the result', async () => {
    await using server = await serve([EchoController]);
    const { complained } = await runLine(args(server.endpoints[0]));
    expect(complained).toBe('These are real calls: the handlers of echo run.\n');
  });

  test('does not begin if the flags contradict each other', async () => {
    const { complained, exitCode } = await runLine([
      ...args('tcp://127.0.0.1:1'),
      '--hedge',
      '10ms',
      '--no-idempotent',
    ]);
    expect(complained).toContain('--no-idempotent');
    expect(exitCode).toBe(2);
  });
});
