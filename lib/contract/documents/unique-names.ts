/** Makes keys of a document of names: each made once, of letters that AsyncAPI allows for components (`^[a-zA-Z0-9.\-_]+$`). */
export class UniqueNames {
  readonly #taken = new Set<string>();

  /** @returns the name itself if it can be a key and is free; otherwise one like it */
  add(name: string): string {
    const safe = name.replaceAll(/[^\w.-]/gu, '_');
    let key = safe;
    for (let count = 2; this.#taken.has(key); count++) key = `${safe}_${count}`;
    this.#taken.add(key);
    return key;
  }
}
