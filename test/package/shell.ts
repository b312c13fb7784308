/*
 * As much of the shell as is needed to see which commands a block of the documentation runs, and with which words. `bash -n` says
 * whether it is shell at all.
 */

/** What ends a word and is none, and what ends a command. */
const SPACE = /[ \t]/u;
const END = /[\n;&|()]/u;

/** Words that stand before a command, which they do not change. */
const BEFORE = new Set(['do', 'then', 'else', 'until', 'while', 'if', '!', 'time']);
/** Words that are commands without any of ours. */
const ALONE = new Set(['done', 'fi', 'export']);

const ASSIGNMENT = /^\w+=/u;

/** The commands of a script, each as its words, with the variables of its loops filled in once. */
export function commandsOf(script: string): string[][] {
  const variables = new Map<string, string>();
  const commands: string[][] = [];
  for (const words of split(script)) {
    if (words[0] === 'for') {
      const [, name = '', , first = ''] = words;
      variables.set(`$${name}`, first);
      continue;
    }
    let at = 0;
    while (BEFORE.has(words[at] ?? '') || ASSIGNMENT.test(words[at] ?? '')) at++;
    const command = words.slice(at).map((word) => variables.get(word) ?? word);
    if (command.length > 0 && !ALONE.has(command[0] ?? '')) commands.push(command);
  }
  return commands;
}

function split(script: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let quote: string | undefined;
  let isTarget = false;
  const endWord = () => {
    if (word === undefined) return;
    // What follows `>` and `<` is a file.
    if (isTarget) isTarget = false;
    else commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let at = 0; at < script.length; at++) {
    const sign = script[at] ?? '';
    if (quote !== undefined) {
      if (sign === quote) quote = undefined;
      else word += sign;
    } else if (sign === "'" || sign === '"') {
      quote = sign;
      word ??= '';
    } else if (sign === '\\') {
      at++;
      if (script[at] !== '\n') word = (word ?? '') + (script[at] ?? '');
    } else if (sign === '#' && word === undefined) {
      while (at + 1 < script.length && script[at + 1] !== '\n') at++;
    } else if (SPACE.test(sign)) {
      endWord();
    } else if (sign === '>' || sign === '<') {
      endWord();
      isTarget = true;
    } else if (END.test(sign)) {
      endWord();
      commands.push([]);
    } else {
      word = (word ?? '') + sign;
    }
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}
