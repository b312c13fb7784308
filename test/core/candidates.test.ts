import { describe, expect, test } from 'vitest';
import type { ServerView } from '../../lib/core/balancer.js';
import { Candidates } from '../../lib/core/candidates.js';
import { Member } from '../../lib/core/member.js';
import { healths } from '../support/healths.js';

const context = { now: 0, random: () => 0 };
const member = (endpoint: string) => new Member(endpoint, healths.alive);

describe('what a balancer gets to see', () => {
  /** What it is given. */
  const given = (...members: Member[]) => {
    let servers: readonly ServerView[] = [];
    const pick = <T extends ServerView>(views: readonly [T, ...T[]]) => {
      servers = views;
      return views[0];
    };
    new Candidates(members).pickBy({ pick }, context);
    return servers;
  };

  test('cannot be used to change a server, or who may be chosen', () => {
    const a = member('a');
    const servers = given(a);
    const [view] = servers;
    expect(view).not.toBe(a);
    expect(() => Object.assign(view ?? {}, { pending: 100 })).toThrow(TypeError);
    expect(() => Object.assign(view ?? {}, { health: healths.dead })).toThrow(TypeError);
    expect(Object.getPrototypeOf(view)).toSatisfy(Object.isFrozen);
    expect(() => (servers as ServerView[]).pop()).toThrow(TypeError);
    expect(a.pending).toBe(0);
  });

  test('tells what is so now, not when it was made', () => {
    const a = member('a');
    const [view] = given(a);
    Object.assign(a, { pending: 3, load: 0.5, health: healths.failing });
    a.latency.observe(7);
    a.responded(20, 0);
    expect(view).toMatchObject({ pending: 3, load: 0.5, failures: 3, latencyMs: 7 });
    expect([view?.responseMs(0), view?.failedLoad(0)]).toEqual([20, 0]);
  });

  test('is the same object for a server each time, so that a balancer may remember it', () => {
    const [a, b] = [member('a'), member('b')];
    expect(given(a, b)[1]).toBe(given(b)[0]);
  });
});

test('the server is returned whose view was chosen', () => {
  const members = ['a', 'b', 'c'].map(member);
  const picked = new Candidates(members).pickBy({ pick: (views) => views[1] ?? views[0] }, context);
  expect(picked).toBe(members[1]);
});

test('a balancer that throws fails with a code of its own, and the error is the cause', () => {
  const cause = new Error('no idea');
  const throwing = {
    pick: () => {
      throw cause;
    },
  };
  expect(() => new Candidates([member('a')]).pickBy(throwing, context)).toThrow(
    expect.objectContaining({ code: 'BALANCER', cause }),
  );
});

test('nobody is asked where there is nobody to choose', () => {
  const pick = () => expect.unreachable('it was asked');
  expect(new Candidates([]).pickBy({ pick }, context)).toBeUndefined();
});
