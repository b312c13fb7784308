interface Regression {
  readonly name: string;
  readonly messages: readonly (readonly string[])[];
}

const manyTimes = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));

/** Messages that once cost a server more than they should; each run sends them again. */
export const REGRESSIONS: readonly Regression[] = [
  {
    name: 'a pack whose messages all have the same large frame for their body',
    messages: [
      [
        '',
        'PACK',
        JSON.stringify(manyTimes(1000, (n) => ['REQUEST', `${n}`, { pattern: 'echo' }, null, 0])),
        JSON.stringify(manyTimes(50_000, () => [])),
      ],
    ],
  },
  {
    name: 'a pattern of many members',
    messages: [
      [
        '',
        'REQUEST',
        '1',
        '1',
        JSON.stringify({ pattern: Object.fromEntries(manyTimes(50_000, (n) => [`k${n}`, n])) }),
      ],
    ],
  },
  {
    name: 'a client that pretends to take replies of no bytes',
    messages: [
      ['', 'PING', '1', '1', '{"maxMessageSize":-1}'],
      ['', 'REQUEST', '1', '"x"', '{"pattern":"echo"}'],
      ['', 'REQUEST', '2', '"x"', '{"pattern":"fails"}'],
    ],
  },
];
