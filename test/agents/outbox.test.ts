import { describe, expect, test } from 'vitest';
import { Outbox } from '../../lib/agents/outbox.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import type {
  Content,
  Event,
  OutgoingClientMessage,
  OutgoingFrames,
  Ping,
} from '../../lib/protocol/messages.js';
import { decodeClientPack, isPack } from '../../lib/protocol/pack.js';
import { decodeClientMessage, encodeClientMessage } from '../../lib/protocol/plain-frames.js';
import { valueOf } from '../support/packs.js';
import { Turns } from '../support/turns.js';
import { onTheWire } from '../support/wire.js';

/** A message that says this. */
const saying = (body: string): Event<Content> => ({
  type: 'event',
  id: '1',
  body,
  headers: { pattern: 'said', type: 'text', attempt: 1 },
});

/** One that no pack can carry. */
const PING: Ping = { type: 'ping', dialect: 'basic' };

/** An outbox whose post the test reads. */
class Desk {
  readonly turns = new Turns();
  readonly undelivered: string[] = [];
  /** What was posted: a message as what it says, a pack as a list of that. */
  readonly posts: (string | string[])[] = [];
  readonly #returns: (() => void)[] = [];
  readonly outbox = new Outbox<OutgoingClientMessage, string>({
    encode: encodeClientMessage,
    post: (frames, onUndelivered) => {
      this.posts.push(read(frames));
      this.#returns.push(onUndelivered);
    },
    undelivered: (matter) => this.undelivered.push(matter),
    atTurnEnd: this.turns.atTurnEnd,
    open: () => 1,
  });

  constructor(packs = true) {
    this.outbox.packs = packs;
  }

  send(...bodies: string[]): this {
    for (const body of bodies) this.outbox.send(saying(body), `about ${body}`);
    return this;
  }

  ping(): this {
    this.outbox.sendAlone(PING, 'about a ping');
    return this;
  }

  endTurn(): this {
    this.turns.end();
    return this;
  }

  /** The post of that place was not taken. */
  returned(place: number): this {
    this.#returns[place]?.();
    return this;
  }
}

function read(frames: OutgoingFrames): string | string[] {
  const received = onTheWire(frames);
  return isPack(received)
    ? decodeClientPack(received).map(said)
    : said(decodeClientMessage(received));
}

function said(message: ReturnType<typeof decodeClientMessage>): string {
  if (isMalformed(message)) throw new Error('posted what makes no sense');
  return message.type === 'event' ? String(valueOf(message)) : message.type;
}

/** An outbox of which only the calls for the end of a turn are of interest. */
function counted() {
  const asked: (() => void)[] = [];
  const outbox = new Outbox<OutgoingClientMessage, string>({
    encode: encodeClientMessage,
    post: () => {},
    undelivered: () => {},
    atTurnEnd: (run) => asked.push(run),
    open: () => 1,
  });
  return { asked, outbox };
}

describe('to a peer that does not understand PACK', () => {
  test('each message leaves at once, as itself', () => {
    const desk = new Desk(false).send('a', 'b');
    expect(desk.posts).toEqual(['a', 'b']);
    expect(desk.endTurn().posts).toHaveLength(2);
  });

  test('nobody asks for the end of the turn', () => {
    const { asked, outbox } = counted();
    outbox.send(saying('a'), 'a');
    outbox.sendAlone(PING, 'b');
    outbox.flush();
    expect(asked).toEqual([]);
  });
});

describe('to a peer that understands PACK', () => {
  test('the messages of one turn leave at its end, in one, in their order', () => {
    const desk = new Desk().send('a', 'b', 'c');
    expect(desk.posts).toEqual([]);
    expect(desk.endTurn().posts).toEqual([['a', 'b', 'c']]);
  });

  test('a message that is alone in its turn leaves as a pack of one', () => {
    expect(new Desk().send('a').endTurn().posts).toEqual([['a']]);
  });

  test('nothing waits beyond its turn, and a turn without messages sends nothing', () => {
    const desk = new Desk().send('a', 'b').endTurn().send('c', 'd').endTurn().endTurn().send('e');
    expect(desk.endTurn().posts).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  test('what comes up while a turn ends leaves with it, or with the next one', () => {
    const desk = new Desk();
    desk.turns.atTurnEnd(() => desk.send('late'));
    expect(desk.send('a', 'b').endTurn().posts).toEqual([['a', 'b', 'late']]);
    const later = new Desk().send('a', 'b');
    later.turns.atTurnEnd(() => later.send('late'));
    expect(later.endTurn().posts).toEqual([['a', 'b']]);
    expect(later.endTurn().posts).toEqual([['a', 'b'], ['late']]);
  });

  test('64 messages do not wait for the end of the turn, nor then twice as many, but 512 at most', () => {
    const names = Array.from({ length: 1500 }, (_, n) => `m${n}`);
    const desk = new Desk().send(...names.slice(0, 63));
    expect(desk.posts).toEqual([]);
    desk.send(...names.slice(63));
    const sizes = () => desk.posts.map(({ length }) => length);
    expect(sizes()).toEqual([64, 128, 256, 512, 512]);
    expect(desk.endTurn().posts.flat()).toEqual(names);
    expect(sizes().at(-1)).toBe(1500 - 64 - 128 - 256 - 512 - 512);
    desk.send(...names.slice(0, 64));
    expect(sizes().at(-1)).toBe(64);
  });

  describe('over a connection that takes small batches', () => {
    function quick(open: number) {
      const sizes: number[] = [];
      const turns = new Turns();
      const outbox = new Outbox<OutgoingClientMessage, string>({
        encode: encodeClientMessage,
        post: (frames) => sizes.push(read(frames).length),
        undelivered: () => {},
        atTurnEnd: turns.atTurnEnd,
        firstBatch: { messages: 4, bytes: 8000 },
        open: () => open,
      });
      outbox.packs = true;
      const send = (count: number, body: string) => {
        for (let n = 0; n < count; n++) outbox.send(saying(body), '');
        const sent = sizes.splice(0);
        turns.end();
        return [sent, sizes.splice(0)];
      };
      return send;
    }

    test.each([
      [1, [4, 8]],
      [16, [8]],
      [20, [10]],
      [1024, []],
    ])('%d open: half of them do not wait, but 4 at least and 64 at most', (open, expected) => {
      const send = quick(open);
      const rest = 15 - expected.reduce((sum, size) => sum + size, 0);
      expect(send(15, 'small')).toEqual([expected, [rest]]);
      expect(send(15, 'small')).toEqual([expected, [rest]]);
    });

    test('64 of 1024 do not wait', () => {
      expect(quick(1024)(65, 'small')).toEqual([[64], [1]]);
    });

    test('nor does what is large, or is together', () => {
      const send = quick(1);
      expect(send(1, 'l'.repeat(8000))).toEqual([[1], []]);
      expect(send(3, 'm'.repeat(3000))).toEqual([[3], []]);
    });
  });

  test.each([
    ['in large bodies', ['l'.repeat(32_600), 'l'.repeat(32_600)], 'm'.repeat(400)],
    ['in small ones', Array<string>(16).fill('s'.repeat(4000)), 's'.repeat(1500)],
  ])('nor do 64 KiB %s', (_, most, more) => {
    const desk = new Desk().send(...most);
    expect(desk.posts).toEqual([]);
    desk.send(more);
    expect(desk.posts).toEqual([[...most, more]]);
    desk.send(...most);
    expect(desk.posts).toHaveLength(1);
    expect(desk.endTurn().posts[1]).toEqual(most);
  });

  test('a message that is large by itself leaves at once, with those that wait', () => {
    const large = 'x'.repeat(100_000);
    expect(new Desk().send(large).posts).toEqual([[large]]);
    const desk = new Desk().send('a', large, 'b');
    expect(desk.posts).toEqual([['a', large]]);
    expect(desk.endTurn().posts).toEqual([['a', large], ['b']]);
  });

  test('what leaves before the end of the turn does not leave again at its end', () => {
    const desk = new Desk().send('a', 'b');
    desk.outbox.flush();
    desk.outbox.flush();
    expect(desk.posts).toEqual([['a', 'b']]);
    expect(desk.endTurn().posts).toHaveLength(1);
  });

  test('the end of a turn is asked for once, however many messages it has', () => {
    const { asked, outbox } = counted();
    outbox.packs = true;
    for (let n = 0; n < 100; n++) outbox.send(saying(String(n)), '');
    expect(asked).toHaveLength(1);
  });

  test('the end of a turn is asked for again in the next one', () => {
    const { asked, outbox } = counted();
    outbox.packs = true;
    for (let turn = 1; turn <= 3; turn++) {
      outbox.send(saying('a'), '');
      expect(asked).toHaveLength(turn);
      asked.at(-1)?.();
    }
  });
});

describe('a message that a pack must not carry', () => {
  test('leaves at once, and does not overtake', () => {
    const desk = new Desk().send('a', 'b').ping();
    expect(desk.posts).toEqual([['a', 'b'], 'ping']);
    expect(desk.send('c', 'd').endTurn().posts).toEqual([['a', 'b'], 'ping', ['c', 'd']]);
  });

  test('is itself what was not delivered', () => {
    const desk = new Desk().send('a', 'b').ping();
    expect(desk.returned(1).undelivered).toEqual(['about a ping']);
  });
});

test('a message with long headers leaves at once by itself, and does not overtake', () => {
  const desk = new Desk().send('a', 'b');
  const { headers, ...message } = saying('long');
  const long = { ...message, headers: { ...headers, pattern: 'p'.repeat(5000) } };
  desk.outbox.send(long, 'about long');
  expect(desk.posts).toEqual([['a', 'b'], 'long']);
  expect(desk.returned(1).undelivered).toEqual(['about long']);
  expect(desk.send('c').endTurn().posts).toEqual([['a', 'b'], 'long', ['c']]);
});

test('a peer that no longer understands PACK still gets in order what waits', () => {
  const desk = new Desk().send('a', 'b');
  desk.outbox.packs = false;
  desk.send('c');
  expect(desk.endTurn().posts).toEqual([['a', 'b'], 'c']);
});

describe('what was not delivered is told', () => {
  test('of a pack, about each of its messages, and no other', () => {
    const desk = new Desk().send('a', 'b').endTurn().send('c', 'd', 'e').endTurn().send('f');
    expect(desk.undelivered).toEqual([]);
    expect(desk.returned(1).undelivered).toEqual(['about c', 'about d', 'about e']);
  });

  test('of a message by itself', () => {
    expect(new Desk(false).send('a', 'b').returned(1).undelivered).toEqual(['about b']);
    expect(new Desk().send('a').endTurn().returned(0).undelivered).toEqual(['about a']);
  });
});

describe('what waits can be taken back', () => {
  test('it does not leave, and who takes it is told about what it was', () => {
    const desk = new Desk().send('a', 'b');
    expect(desk.outbox.clear()).toEqual(['about a', 'about b']);
    expect(desk.outbox.clear()).toEqual([]);
    expect(desk.endTurn().posts).toEqual([]);
    expect(desk.undelivered).toEqual([]);
  });

  test('what comes after it leaves as ever', () => {
    const desk = new Desk().send('a');
    desk.outbox.clear();
    desk.send('b', 'c');
    expect(desk.endTurn().posts).toEqual([['b', 'c']]);
    expect(desk.returned(0).undelivered).toEqual(['about b', 'about c']);
  });

  test('its bytes do not count for what comes after it', () => {
    const desk = new Desk().send('x'.repeat(60_000));
    desk.outbox.clear();
    desk.send('y'.repeat(60_000));
    expect(desk.posts).toEqual([]);
  });

  test('what has left cannot', () => {
    const desk = new Desk().send('a', 'b').endTurn().send('c');
    expect(desk.outbox.clear()).toEqual(['about c']);
  });
});
