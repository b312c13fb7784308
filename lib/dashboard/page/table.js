import { element, setAttribute, setText } from './dom.js';
import { Rows } from './rows.js';

/**
 * @template Item
 * @typedef {object} Column
 * @property {string} title
 * @property {(item: Item) => string} text
 * @property {(item: Item) => string | undefined} [tone] makes it stand out
 * @property {'words' | 'long' | 'long words'} [kind] words stand left; long ones are cut, and whole in their tooltip
 * @property {(item: Item) => Node} [mark] stands before the text, and says the same
 * @property {string} [explained] what the title means
 * @property {(items: readonly Item[]) => boolean} [isTelling] hidden where it has nothing to tell
 */

/**
 * A table whose rows keep their elements. The first column names the row.
 *
 * @template Item
 * @param {HTMLElement} place
 * @param {object} what
 * @param {string} what.caption
 * @param {readonly Column<Item>[]} what.columns
 * @param {string} what.empty what it says without rows
 * @param {(item: Item) => string} what.keyOf
 * @param {(item: Item) => void} [what.choose] makes the names buttons
 * @param {(item: Item) => boolean} [what.isCurrent]
 * @returns {(items: readonly Item[]) => void}
 */
export function createTable(place, { caption, columns, empty, keyOf, choose, isCurrent }) {
  const body = element('tbody');
  const nothing = element('p', { class: 'empty' }, empty);
  const heads = columns.map(({ title, kind, explained }) =>
    element('th', { scope: 'col', class: kind, title: explained }, title),
  );
  const table = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    body,
  );
  place.append(table, nothing);
  const rows = new Rows(body, makeRow, updateRow);
  /** @type {boolean[]} */
  let hidden = [];

  return (items) => {
    hidden = columns.map(({ isTelling }) => isTelling?.(items) === false);
    for (const [index, head] of heads.entries()) head.hidden = hidden[index] === true;
    rows.show(items, keyOf);
    nothing.hidden = items.length > 0;
  };

  /** @param {Item} item */
  function makeRow(item) {
    const row = {
      item,
      element: element('tr'),
      cells:
        /** @type {{ cell: HTMLElement, text: Text, mark: HTMLElement, shown: string }[]} */ ([]),
    };
    for (const [index, { kind }] of columns.entries()) {
      const text = document.createTextNode('');
      const mark = element('span');
      const attributes = index === 0 ? { scope: 'row', class: kind } : { class: kind };
      const cell = element(index === 0 ? 'th' : 'td', attributes);
      if (index === 0 && choose) {
        const button = element('button', { type: 'button', class: 'link' }, text);
        button.addEventListener('click', () => choose(row.item));
        cell.append(button);
      } else if (columns[index]?.mark) {
        cell.append(element('span', { class: 'state' }, mark, text));
      } else {
        cell.append(text);
      }
      row.cells.push({ cell, text, mark, shown: '' });
      row.element.append(cell);
    }
    return row;
  }

  /** @param {ReturnType<typeof makeRow>} row @param {Item} item */
  function updateRow(row, item) {
    row.item = item;
    for (const [index, column] of columns.entries()) {
      const part = row.cells[index];
      if (!part) continue;
      part.cell.hidden = hidden[index] === true;
      const text = column.text(item);
      setAttribute(part.cell, 'data-tone', column.tone?.(item));
      if (column.kind?.startsWith('long')) setAttribute(part.cell, 'title', text);
      setText(part.text, text);
      if (column.mark && part.shown !== text) part.mark.replaceChildren(column.mark(item));
      part.shown = text;
    }
    const isChosen = isCurrent?.(item) === true;
    setAttribute(row.element, 'data-current', isChosen ? true : undefined);
    const button = row.element.querySelector('button');
    if (button) setAttribute(button, 'aria-current', isChosen ? true : undefined);
  }
}
