/**
 * Children of an element that stand for items: one that stays keeps its element, and so the focus, and a selection in it.
 *
 * @template Item
 * @template {{ element: Element }} Row
 */
export class Rows {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #parent;
  #make;
  #update;

  /**
   * @param {Element} parent
   * @param {(item: Item) => Row} make
   * @param {(row: Row, item: Item) => void} update
   */
  constructor(parent, make, update) {
    this.#parent = parent;
    this.#make = make;
    this.#update = update;
  }

  /** @param {readonly Item[]} items @param {(item: Item) => string} keyOf of which no two items have the same */
  show(items, keyOf) {
    const keys = new Set(items.map(keyOf));
    for (const [key, { element }] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    /** @type {Element | null} */
    let place = this.#parent.firstElementChild;
    for (const item of items) {
      const row = this.#rowOf(keyOf(item), item);
      this.#update(row, item);
      if (row.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(row.element, place);
    }
  }

  /** @param {string} key @param {Item} item */
  #rowOf(key, item) {
    const row = this.#rows.get(key) ?? this.#make(item);
    this.#rows.set(key, row);
    return row;
  }
}
