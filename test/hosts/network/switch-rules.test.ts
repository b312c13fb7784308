import { expect, test } from 'vitest';
import { SwitchRules } from './switch-rules.js';

/** Rules of a switch, and those that nft was given last. */
function ruled() {
  let last = '';
  const rules = new SwitchRules({
    run: (_program, _args, options) => {
      last = options?.input ?? '';
      return Promise.resolve('');
    },
  });
  const given = () => last.split('\n').filter((line) => line.startsWith('iifname'));
  return { rules, given };
}

const there = { from: ['a', 'a-d'], to: ['b'] };
const back = { from: ['b'], to: ['a', 'a-d'] };

test('a fault is a rule for each way', async () => {
  const { rules, given } = ruled();
  await rules.drop(there, back);
  expect(given()).toEqual([
    'iifname { "a", "a-d" } oifname { "b" } drop',
    'iifname { "b" } oifname { "a", "a-d" } drop',
  ]);
});

test('loss is by chance, and large packets by their length', async () => {
  const { rules, given } = ruled();
  await rules.lose(0.02, there);
  await rules.dropLarge(1000, there);
  expect(given()).toEqual([
    'iifname { "a", "a-d" } oifname { "b" } numgen random mod 1000 < 20 drop',
    'iifname { "a", "a-d" } oifname { "b" } meta length > 1000 drop',
  ]);
});

test('the end of a fault leaves the others, also one that is its like', async () => {
  const { rules, given } = ruled();
  const first = await rules.drop(there);
  const second = await rules.drop(there);
  await first[Symbol.asyncDispose]();
  expect(given()).toHaveLength(1);
  await second[Symbol.asyncDispose]();
  expect(given()).toEqual([]);
});
