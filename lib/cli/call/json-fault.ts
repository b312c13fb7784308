/** Where a text stops being JSON. */
export interface JsonFault {
  /** The index of the first character that does not fit; the length of the text if more is missing. */
  readonly at: number;
  /** What should be there. */
  readonly expected: string;
}

const SPACE = /[ \t\n\r]*/y;
/** A quote, an escape, or what must be one: all that is not simply a character of a text. */
const NO_CHARACTER = /[^ !#-[\]-\uFFFF]/g;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null/y;

type Wanted = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end';

const EXPECTED: Readonly<Record<Wanted, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  name: 'a name in double quotes',
  'name or }': 'a name in double quotes, or }',
  colon: 'a colon',
  'comma or end': 'a comma, or the end of the object or list',
};

const KNOWN_ESCAPE = 'a known escape, such as \\n';
const CLOSING_QUOTE = 'the closing quote of the text';

/**
 * Finds the fault in a text that `JSON.parse` refuses: whose messages differ by version of V8, and do not always say where.
 * Source: RFC 8259.
 */
export function jsonFault(text: string): JsonFault {
  /** The brackets that are open; the last one is the innermost. */
  const open: ('{' | '[')[] = [];
  let at = 0;
  let wanted: Wanted = 'value';
  /** The fault of a text that begins well. */
  let broken: JsonFault | undefined;

  const take = (token: RegExp): boolean => {
    token.lastIndex = at;
    if (!token.test(text)) return false;
    at = token.lastIndex;
    return true;
  };
  const takeOne = (character: string): boolean => {
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  /** Stays where it is if there is none; else goes on up to its end, or up to the fault in it. */
  const takeString = (): boolean => {
    if (text[at] !== '"') return false;
    let end = at + 1;
    for (;;) {
      NO_CHARACTER.lastIndex = end;
      end = NO_CHARACTER.exec(text)?.index ?? text.length;
      ESCAPE.lastIndex = end;
      if (!ESCAPE.test(text)) break;
      end = ESCAPE.lastIndex;
    }
    if (text[end] === '"') {
      at = end + 1;
      return true;
    }
    broken = { at: end, expected: text[end] === '\\' ? KNOWN_ESCAPE : CLOSING_QUOTE };
    return false;
  };
  const takeEnd = (): boolean => {
    if (!takeOne(open.at(-1) === '{' ? '}' : ']')) return false;
    open.pop();
    wanted = 'comma or end';
    return true;
  };
  const takeValue = (): boolean => {
    if (takeOne('{')) {
      open.push('{');
      wanted = 'name or }';
    } else if (takeOne('[')) {
      open.push('[');
      wanted = 'value or ]';
    } else if (takeString() || take(SCALAR)) {
      wanted = 'comma or end';
    } else {
      return false;
    }
    return true;
  };
  const takeName = (): boolean => {
    if (!takeString()) return false;
    wanted = 'colon';
    return true;
  };
  const step = (): boolean => {
    switch (wanted) {
      case 'value':
        return takeValue();
      case 'value or ]':
        return takeValue() || takeEnd();
      case 'name':
        return takeName();
      case 'name or }':
        return takeName() || takeEnd();
      case 'colon':
        if (!takeOne(':')) return false;
        wanted = 'value';
        return true;
      case 'comma or end':
        if (open.length === 0) return false;
        if (!takeOne(',')) return takeEnd();
        wanted = open.at(-1) === '{' ? 'name' : 'value';
        return true;
    }
  };

  for (;;) {
    take(SPACE);
    if (step()) continue;
    if (broken) return broken;
    const isOver = (wanted as Wanted) === 'comma or end' && open.length === 0;
    return { at, expected: isOver ? 'nothing more' : EXPECTED[wanted as Wanted] };
  }
}
