import { describe, expect, test } from 'vitest';
import { runLine } from '../support/cli-io.js';

describe('the program', () => {
  test('explains itself on standard output when it is asked to', async () => {
    const io = await runLine(['--help']);
    expect(io.written).toContain('Usage: nestjs-freelance [options] [command]');
    expect(io.written).toContain('FREELANCE_ENDPOINTS');
    expect(io.complained).toBe('');
    expect(io.exitCode ?? 0).toBe(0);
  });

  test('without a command, explains itself on standard error, and fails as wrong usage', async () => {
    const io = await runLine([]);
    expect(io.complained).toContain('Usage: nestjs-freelance');
    expect(io.written).toBe('');
    expect(io.exitCode).toBe(2);
  });

  test.each([
    [['pnig', 'tcp://127.0.0.1:5555']],
    [['pnig', '--help']],
    [['pnig', '--count', '1']],
    [['help', 'pnig']],
  ])('says of an unknown command that it is unknown, and which may be meant: %j', async (args) => {
    const io = await runLine(args);
    expect(io.complained).toBe(
      "error: unknown command 'pnig'\n(Did you mean ping?)\nAdd --help to learn how it is used.\n",
    );
    expect(io.written).toBe('');
    expect(io.exitCode).toBe(2);
  });

  test('explains a command, and itself, by the command help, too', async () => {
    expect((await runLine(['help', 'ping'])).written).toBe((await runLine(['ping', '-h'])).written);
    expect((await runLine(['help'])).written).toBe((await runLine(['-h'])).written);
  });

  test('says of an unknown flag that it is unknown, and which may be meant', async () => {
    const io = await runLine(['ping', '--cuont', '3', 'tcp://127.0.0.1:5555']);
    expect(io.complained).toContain("error: unknown option '--cuont'\n(Did you mean --count?)");
    expect(io.exitCode).toBe(2);
  });

  test.each([
    ['--count', 'many', 'It must be a whole number, at least 0.'],
    ['--count', '-1', 'It must be a whole number, at least 0.'],
    ['--interval', '0.001', 'at least 10 ms'],
    ['--timeout', 'soon', 'It must be a time such as 250ms, 2s or 1m (without a unit: s)'],
    ['--engine', 'libuv', 'Allowed choices are node, libzmq.'],
  ])('names a wrong flag and its value: %s %s', async (flag, value, rule) => {
    const io = await runLine(['ping', flag, value, 'tcp://127.0.0.1:5555']);
    expect(io.complained).toContain(flag);
    expect(io.complained).toContain(`'${value}' is invalid`);
    expect(io.complained).toContain(rule);
    expect(io.exitCode).toBe(2);
  });

  test('each command has help with an example and the exit codes', async () => {
    const { written } = await runLine(['--help']);
    const listed = /\nCommands:\n(.*?)\n\n/s.exec(written)?.[1] ?? '';
    const names = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name);
    expect(names).toContain('keygen');
    for (const name of names.filter((each) => each !== 'help')) {
      const help = await runLine([name, '--help']);
      expect(help.written).toContain(`Usage: nestjs-freelance ${name}`);
      expect(help.written).toContain(`$ nestjs-freelance ${name}`);
      expect(help.written).toContain('Exit codes:');
    }
  });
});

describe('colours', () => {
  const COLOUR = '\u001B[31m';

  test.each([
    { isTty: true, env: {}, coloured: true },
    { isTty: false, env: {}, coloured: false },
    { isTty: true, env: { NO_COLOR: '1' }, coloured: false },
    { isTty: true, env: { NO_COLOR: '' }, coloured: true },
    { isTty: true, env: { TERM: 'dumb' }, coloured: false },
    { isTty: false, env: { FORCE_COLOR: '1' }, coloured: true },
    { isTty: true, env: { FORCE_COLOR: '0' }, coloured: false },
    { isTty: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, coloured: true },
  ])('a terminal: $isTty, the environment: $env', async ({ isTty, env, coloured }) => {
    const io = await runLine(['ping'], { isTty, env });
    expect(io.complained.includes(COLOUR)).toBe(coloured);
    expect(io.exitCode).toBe(2);
  });
});
