import {
  type CurveClientSecurity,
  type CurveServerSecurity,
  type FreelanceCallOptions,
  type FreelanceClientOptions,
  FreelanceClientProxy,
  type FreelanceErrorOptions,
  FreelanceRecord,
  FreelanceRecordBuilder,
  type FreelanceServerOptions,
  FreelanceTransportServer,
  type HedgeOptions,
  type PlainClientSecurity,
  type PlainServerSecurity,
  type RetryBudgetOptions,
  type SubsetOptions,
} from 'nestjs-freelance';
import { expect, test } from 'vitest';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';
import { resolveServerOptions } from '../../../lib/nest/options/server-options.js';

/** Those that may be left out, each given as undefined. */
type AllUndefined<T> = { [K in keyof T as object extends Pick<T, K> ? K : never]: undefined };

/** Compiles only if what may be left out may also be undefined, under `exactOptionalPropertyTypes`. */
type Accepts<T> = AllUndefined<T> extends Partial<T> ? true : never;

test('the compiler accepts undefined for every optional option', () => {
  const accepted: [
    Accepts<FreelanceClientOptions>,
    Accepts<FreelanceServerOptions>,
    Accepts<FreelanceCallOptions>,
    Accepts<HedgeOptions>,
    Accepts<RetryBudgetOptions>,
    Accepts<SubsetOptions>,
    Accepts<CurveClientSecurity>,
    Accepts<PlainClientSecurity>,
    Accepts<CurveServerSecurity>,
    Accepts<PlainServerSecurity>,
    Accepts<FreelanceErrorOptions>,
  ] = [true, true, true, true, true, true, true, true, true, true, true];
  expect(accepted).toHaveLength(11);
  // @ts-expect-error It must be seen where that is not so.
  const unseen: Accepts<{ a?: number }> = true;
  expect(unseen).toBe(true);
});

/** Every option that there is, as undefined. */
function undefinedOptions(refusal: () => unknown): object {
  const names = messageOf(refusal).split('The options are ')[1]?.replace(/\.$/u, '').split(', ');
  expect(names?.length).toBeGreaterThan(1);
  return Object.fromEntries((names ?? []).map((name) => [name.split('.').at(-1), undefined]));
}

function messageOf(refusal: () => unknown): string {
  try {
    refusal();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return '';
}

const endpoints = 'tcp://10.0.0.1:5555';
const bind = 'tcp://127.0.0.1:*';
const unknown = { unknown: 1 };

test('an undefined option of a client is an absent one', () => {
  const all = undefinedOptions(() => new FreelanceClientProxy({ endpoints, ...unknown }));
  const groups = {
    retryBudget: undefinedOptions(() =>
      resolveClientOptions({ endpoints, retryBudget: unknown as RetryBudgetOptions }),
    ),
  };
  const plain = resolveClientOptions({ endpoints });
  for (const options of [all, { ...all, ...groups }]) {
    const { agent, calls, security, name } = resolveClientOptions({ ...options, endpoints });
    expect(agent).toEqual({ ...plain.agent, clientId: agent.clientId });
    expect({ calls, security, name }).toEqual({
      calls: plain.calls,
      security: plain.security,
      name: plain.name,
    });
  }
  const subset = undefinedOptions(() =>
    resolveClientOptions({ endpoints, subset: unknown as SubsetOptions }),
  );
  expect(resolveClientOptions({ endpoints, subset }).agent.subset).toEqual(
    resolveClientOptions({ endpoints, subset: {} }).agent.subset,
  );
  expect(() => new FreelanceClientProxy({ ...all, endpoints })).not.toThrow();
});

test('an undefined option of a server is an absent one', () => {
  const all = undefinedOptions(() => new FreelanceTransportServer({ bind, ...unknown }));
  const { codec: _given, ...given } = resolveServerOptions({ ...all, bind });
  const { codec: _plain, ...plain } = resolveServerOptions({ bind });
  expect(given).toEqual(plain);
});

test('an undefined option of a record is an absent one', () => {
  const all = undefinedOptions(
    () => new FreelanceRecord(1, { ...unknown } as FreelanceCallOptions),
  );
  expect(() => new FreelanceRecord(1, all)).not.toThrow();
  const { options } = new FreelanceRecordBuilder(1)
    .setHedge({ after: 1, max: undefined })
    .setBroadcast(undefined)
    .build();
  expect(options).toEqual({ hedge: { after: 1, max: 1 }, broadcast: true });
});
