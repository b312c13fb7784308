import { describe, expect, test } from 'vitest';
import {
  candidatesOf,
  readSearchPolicy,
  type SearchEnvironment,
} from '../../lib/discovery/search-list.js';

const read = (text: string, environment: Partial<SearchEnvironment> = {}) =>
  readSearchPolicy(text, { hostname: 'pod-1', ...environment });

/** As in a pod of the namespace shop. */
const POD = `search shop.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5
`;

describe('resolv.conf', () => {
  test.each<[string, string, object]>([
    [
      'of a pod',
      POD,
      {
        domains: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
        ndots: 5,
      },
    ],
    ['empty', '', { domains: [], ndots: 1 }],
    ['with a domain', 'domain example.org', { domains: ['example.org'], ndots: 1 }],
    [
      'of domain and search the last counts',
      'search a b\ndomain c\n',
      { domains: ['c'], ndots: 1 },
    ],
    [
      'of two searches the last counts',
      'search a\nsearch b c\n',
      { domains: ['b', 'c'], ndots: 1 },
    ],
    ['with comments', '# search a\n; search b\nsearch c # d\n', { domains: ['c'], ndots: 1 }],
    ['with tabs and spaces', '  search\t a   b \r\n', { domains: ['a', 'b'], ndots: 1 }],
    ['with dots at the ends', 'search a. b.c. .\n', { domains: ['a', 'b.c'], ndots: 1 }],
    ['with several options', 'options timeout:1 ndots:2 rotate', { domains: [], ndots: 2 }],
    ['with too many dots', 'options ndots:99', { domains: [], ndots: 15 }],
    ['with nonsense', 'options ndots:x ndots\nsearch\ndomain\n\0\n', { domains: [], ndots: 1 }],
  ])('%s', (_what, text, policy) => {
    expect(read(text)).toEqual(policy);
  });

  test('with very many domains: the first 32 count', () => {
    const all = Array.from({ length: 50 }, (_, index) => `d${index}`);
    expect(read(`search ${all.join(' ')}`).domains).toEqual(all.slice(0, 32));
  });

  test('without domains, that of the machine’s name', () => {
    const environment = { hostname: 'web-1.prod.example.org' };
    expect(read('', environment).domains).toEqual(['prod.example.org']);
    expect(read('search a', environment).domains).toEqual(['a']);
  });

  test('the environment takes precedence', () => {
    const environment = { LOCALDOMAIN: 'x.org y.org', RES_OPTIONS: 'debug ndots:3' };
    expect(read(POD, environment)).toEqual({ domains: ['x.org', 'y.org'], ndots: 3 });
    expect(read(POD, { LOCALDOMAIN: ' ', RES_OPTIONS: '' })).toEqual(read(POD));
  });
});

describe('the names that a name may mean', () => {
  const policy = read(POD);

  test('in a pod: few dots, the search list first', () => {
    expect(candidatesOf('orders.shop.svc', policy)).toEqual([
      'orders.shop.svc.shop.svc.cluster.local.',
      'orders.shop.svc.svc.cluster.local.',
      'orders.shop.svc.cluster.local.',
      'orders.shop.svc.',
    ]);
  });

  test('with many dots: as it is first', () => {
    expect(candidatesOf('a.b.c.d.e.f', policy)[0]).toBe('a.b.c.d.e.f.');
    expect(candidatesOf('a.b.c.d.e.f', policy)).toHaveLength(4);
    expect(candidatesOf('a.b.c.d.e', policy).at(-1)).toBe('a.b.c.d.e.');
  });

  test('with a dot at its end: itself', () => {
    expect(candidatesOf('orders.', policy)).toEqual(['orders.']);
  });

  test('ndots of 0: as it is first', () => {
    expect(candidatesOf('orders', { domains: ['a'], ndots: 0 })).toEqual(['orders.', 'orders.a.']);
  });
});
