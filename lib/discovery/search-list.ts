/** How short names are completed: resolv.conf(5). */
export interface SearchPolicy {
  /** Domains, without dots at their ends. */
  readonly domains: readonly string[];
  /** A name with so many dots is tried as it is first. */
  readonly ndots: number;
}

/** The environment that resolv.conf(5) names, and the machine's own name. */
export interface SearchEnvironment {
  readonly LOCALDOMAIN?: string | undefined;
  readonly RES_OPTIONS?: string | undefined;
  readonly hostname: string;
}

/** glibc's bound (`RES_MAXNDOTS`). */
const MOST_NDOTS = 15;

/** glibc has no bound since 2.26; Kubernetes allows 32 (KEP-2595, "Expanded DNS configuration"). */
const MOST_DOMAINS = 32;

/**
 * Reads what resolv.conf, the variables LOCALDOMAIN and RES_OPTIONS, and the name of the machine say of search domains. Node's
 * `resolve*` know none of it. Source: resolv.conf(5).
 *
 * @param text of resolv.conf; empty if there is none
 */
export function readSearchPolicy(text: string, environment: SearchEnvironment): SearchPolicy {
  const { LOCALDOMAIN, RES_OPTIONS, hostname } = environment;
  const [, ...ofHost] = hostname.split('.');
  let domains: readonly string[] = ofHost.length > 0 ? [ofHost.join('.')] : [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/u, '')
      .trim()
      .split(/\s+/u);
    // Of several such lines the last one counts.
    if (keyword === 'search' && words.length > 0) domains = words;
    else if (keyword === 'domain' && words[0] !== undefined) domains = [words[0]];
    else if (keyword === 'options') ndots = ndotsOf(words) ?? ndots;
  }
  const local = wordsOf(LOCALDOMAIN);
  if (local.length > 0) domains = local;
  return {
    domains: domains
      .map(withoutDot)
      .filter((domain) => domain !== '')
      .slice(0, MOST_DOMAINS),
    ndots: ndotsOf(wordsOf(RES_OPTIONS)) ?? ndots,
  };
}

/** The full names that a name may mean, in the order in which they are tried. Each ends with a dot. */
export function candidatesOf(name: string, { domains, ndots }: SearchPolicy): readonly string[] {
  if (name.endsWith('.')) return [name];
  const asItIs = `${name}.`;
  const searched = domains.map((domain) => `${name}.${domain}.`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [asItIs, ...searched] : [...searched, asItIs];
}

/** Without the dot of the root. */
export function withoutDot(name: string): string {
  return name.replace(/\.$/u, '');
}

function wordsOf(text = ''): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function ndotsOf(options: readonly string[]): number | undefined {
  const given = options.findLast((option) => /^ndots:\d+$/u.test(option));
  return given === undefined ? undefined : Math.min(Number(given.slice(6)), MOST_NDOTS);
}
