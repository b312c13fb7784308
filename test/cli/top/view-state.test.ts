import { describe, expect, test } from 'vitest';
import {
  INITIAL_VIEW,
  keysIn,
  pressed,
  SORT_KEYS,
  type ViewState,
} from '../../../lib/cli/top/view-state.js';

/** The view after these keys, none of which leaves. */
function after(...keys: readonly string[]): ViewState {
  return keys.reduce((view, key) => pressed(view, key, 30) as ViewState, INITIAL_VIEW);
}

describe('keys of top', () => {
  test('s goes through all columns, and S back', () => {
    let view = INITIAL_VIEW;
    const seen = SORT_KEYS.map(() => {
      view = pressed(view, 's', 3) as ViewState;
      return view.sortKey;
    });
    expect(seen.toSorted()).toEqual(SORT_KEYS.toSorted());
    expect(view.sortKey).toBe(INITIAL_VIEW.sortKey);
    expect(after('s', 'S')).toEqual(INITIAL_VIEW);
    expect(after('S').sortKey).toBe(SORT_KEYS.at(-1));
  });

  test('letters choose a column, in its own order', () => {
    expect(after('r', 'e')).toMatchObject({ sortKey: 'errors', isReversed: false });
    expect(after('l').sortKey).toBe('p99');
    expect(after('e', 'c').sortKey).toBe('calls');
  });

  test('r reverses, p and Space pause, h and ? help, and each again undoes it', () => {
    expect(after('r').isReversed).toBe(true);
    expect(after('p').isPaused).toBe(true);
    expect(after('h').isHelpOpen).toBe(true);
    expect(after('r', 'r', 'p', ' ', 'h', '?')).toEqual(INITIAL_VIEW);
    expect(after('?', '\u001B')).toEqual(INITIAL_VIEW);
  });

  test('q and Ctrl-C leave', () => {
    expect(pressed(INITIAL_VIEW, 'q', 1)).toBe('quit');
    expect(pressed(INITIAL_VIEW, '\u0003', 1)).toBe('interrupt');
  });

  test('arrows scroll no further than the servers go', () => {
    expect(after('\u001B[B', '\u001B[B', '\u001B[A').scrolled).toBe(1);
    expect(after('\u001B[A').scrolled).toBe(0);
    expect(after('\u001B[6~', '\u001B[6~', '\u001B[6~', '\u001B[6~').scrolled).toBe(29);
  });

  test('other keys do nothing, and those of an escape sequence are one key', () => {
    expect(keysIn('s\u001B[1;5Cq\u001BOAé')).toEqual(['s', '\u001B[1;5C', 'q', '\u001BOA', 'é']);
    expect(keysIn('')).toEqual([]);
    expect(after('\u001B[1;5C', 'x', 'Q')).toEqual(INITIAL_VIEW);
  });
});
