type Rendition = (text: string) => string;

/** Colours of a terminal; without one, text stays as it is. */
export interface Colours {
  readonly bold: Rendition;
  readonly dim: Rendition;
  readonly red: Rendition;
  readonly green: Rendition;
  readonly yellow: Rendition;
}

/** @param isTty whether the text goes to a terminal */
export function coloursOf(isTty: boolean, env: NodeJS.ProcessEnv): Colours {
  return hasColours(isTty, env) ? ANSI : PLAIN;
}

/**
 * Whether to use colours. `FORCE_COLOR` wins over `NO_COLOR`, as in Node itself (`tty.WriteStream.getColorDepth`). Sources:
 * no-color.org, force-color.org.
 */
export function hasColours(isTty: boolean, env: NodeJS.ProcessEnv): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return false;
  return isTty;
}

const asIs: Rendition = (text) => text;
const PLAIN: Colours = { bold: asIs, dim: asIs, red: asIs, green: asIs, yellow: asIs };

/** Source: ECMA-48, "Select graphic rendition". */
function rendition(on: number, off: number): Rendition {
  return (text) => `\u001B[${on}m${text}\u001B[${off}m`;
}

const ANSI: Colours = {
  bold: rendition(1, 22),
  dim: rendition(2, 22),
  red: rendition(31, 39),
  green: rendition(32, 39),
  yellow: rendition(33, 39),
};
