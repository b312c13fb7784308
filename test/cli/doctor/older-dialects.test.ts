import { expect, test } from 'vitest';
import { diagnose } from '../../../lib/cli/doctor/doctor.js';
import { describeWithPython, DIALECTS, startServer } from '../../interop/python.js';

describeWithPython('the doctor and servers of PyZMQ', () => {
  test.each(DIALECTS)('one of the %s dialect is fine, and has no clock', async (dialect) => {
    await using server = await startServer(dialect, 'snake');
    const { endpoint } = server;
    const { isFine, steps } = await diagnose({ endpoint, timeoutMs: 60_000 });
    expect(isFine).toBe(true);
    const of = (name: string) => steps.find(({ step }) => step === name);
    expect(of('hello')?.facts).toMatchObject({
      dialect,
      ...(dialect === 'basic' && { serverId: 'snake' }),
    });
    expect(of('clock')?.outcome).toBe('skipped');
    expect(of('latency')?.facts).toMatchObject({ sent: 20, lost: 0 });
  });
});
