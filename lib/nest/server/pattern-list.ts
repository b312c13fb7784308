import type { MessageHandler } from '@nestjs/microservices';
import { RAW_PATTERN, READINESS_PATTERN } from '../../protocol/untyped.js';
import { nameOf } from '../../protocol/pattern-name.js';
import { runsAtMostOnce } from './at-most-once.js';

/** A pattern that a server has a handler for. */
export interface PatternInfo {
  /** The pattern; an object as its JSON, with sorted members. A pattern for calls and for events is listed as two. */
  readonly pattern: string;
  /** What the handler is for. */
  readonly kind: 'call' | 'event';
  /** Whether its handler must not run twice for one call: see `AtMostOnce`. */
  readonly atMostOnce: boolean;
  /** For people: the member `description` of the extras of `@MessagePattern` or `@EventPattern`, if that is a text. */
  readonly description?: string;
}

/** A pattern as Nest keeps it. @property first the head of the linked list of its handlers */
export interface RegisteredPattern {
  readonly route: string;
  readonly kind: PatternInfo['kind'];
  readonly first: MessageHandler;
}

export interface PatternList {
  /** Sorted, at most 1000, and at most 256 KiB of them. */
  readonly patterns: readonly PatternInfo[];
  /** How many there are beside these; missing if there are none. */
  readonly morePatterns?: number;
}

const MOST_PATTERNS = 1000;

/** Of JSON, in UTF-16 code units. With the rest of an answer, it fits into the smallest `maxMessageSize`, 1 MiB of UTF-8. */
const MOST_CHARACTERS = 256 * 1024;

/** In UTF-16 code units. */
const LONGEST_DESCRIPTION = 1000;

/** Handlers of these patterns are not for clients to call by name. */
const NOT_LISTED: ReadonlySet<string> = new Set([READINESS_PATTERN, RAW_PATTERN]);

/** Lists what a server has handlers for. */
export function listPatterns(registered: Iterable<RegisteredPattern>): PatternList {
  const all = Array.from(registered, infoOf)
    .filter(({ pattern }) => !NOT_LISTED.has(pattern))
    .toSorted(byPattern);
  let characters = 0;
  const tooMany = all.slice(0, MOST_PATTERNS).findIndex((info) => {
    characters += JSON.stringify(info).length;
    return characters > MOST_CHARACTERS;
  });
  const patterns = all.slice(0, tooMany < 0 ? MOST_PATTERNS : tooMany);
  const morePatterns = all.length - patterns.length;
  return { patterns, ...(morePatterns > 0 && { morePatterns }) };
}

function infoOf({ route, kind, first }: RegisteredPattern): PatternInfo {
  const description = descriptionOf(first);
  return {
    pattern: nameOf(route),
    kind,
    atMostOnce: runsAtMostOnce(first),
    ...(description !== undefined && { description }),
  };
}

/** An event may have several handlers. */
function descriptionOf(first: MessageHandler): string | undefined {
  for (let handler: MessageHandler | undefined = first; handler; handler = handler.next) {
    const description: unknown = handler.extras?.['description'];
    // Extras are the user's, and other libraries read them, too: anything but a text is not meant for us.
    if (typeof description === 'string' && description !== '') return cut(description);
  }
  return undefined;
}

function cut(text: string): string {
  const short = text.slice(0, LONGEST_DESCRIPTION).toWellFormed();
  return short.length < text.length ? `${short}…` : short;
}

function byPattern(a: PatternInfo, b: PatternInfo): number {
  if (a.pattern !== b.pattern) return a.pattern < b.pattern ? -1 : 1;
  return a.kind < b.kind ? -1 : 1;
}
