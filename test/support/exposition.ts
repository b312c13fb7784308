/** A sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SAMPLE = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
/** Prometheus wants base units: seconds, bytes, ratios. */
const NO_BASE_UNIT = /_(ms|millis|milliseconds|micros|microseconds|minutes|percent|kilobytes)(_|$)/;

/**
 * Reads Prometheus' text format as strictly as `promtool check metrics`: one HELP and one TYPE before the samples of each
 * metric, names and units by the rules, no sample twice, and histograms whose buckets add up.
 *
 * @throws Error naming the line, or the metric
 */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family & { samples: Sample[] }>();
  let latest: (Family & { samples: Sample[] }) | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(name)) throw new Error(`a second HELP: ${line}`);
      help = { name, text: rest };
    } else if (keyword === 'TYPE') {
      if (help?.name !== name) throw new Error(`no HELP before it: ${line}`);
      latest = { name, help: help.text, type: rest, samples: [] };
      families.set(name, latest);
    } else {
      if (!latest) throw new Error(`no TYPE before it: ${line}`);
      latest.samples.push(readSample(line));
    }
  }
  for (const family of families.values()) check(family);
  return families;
}

/** OpenMetrics, whose counters have names without `_total`, as the same families. */
export function readOpenMetrics(text: string): Map<string, Family> {
  const END = '# EOF\n';
  if (!text.endsWith(END)) throw new Error('the end is missing');
  const counters = new Set(
    Array.from(text.matchAll(/^# TYPE (\S+) counter$/gm), ([, name]) => name),
  );
  const classic = text
    .slice(0, -END.length)
    .replace(/^# (HELP|TYPE) (\S+)/gm, (line, _keyword, name: string) =>
      counters.has(name) ? `${line}_total` : line,
    );
  return readExposition(classic);
}

function readSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') throw new Error(`not a sample: ${line}`);
  const number = value === '+Inf' ? Infinity : Number(value);
  if (value === '' || Number.isNaN(number)) throw new Error(`not a number: ${line}`);
  return { name, labels: readLabels(labels, line), value: number };
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (!match) throw new Error(`not labels: ${line}`);
    const [, name = '', value = ''] = match;
    if (Object.hasOwn(labels, name)) throw new Error(`the label ${name} twice: ${line}`);
    // Prometheus takes an empty label for none.
    if (value === '') throw new Error(`the label ${name} is empty: ${line}`);
    labels[name] = value.replace(/\\(["\\n])/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function check({ name, help, type, samples }: Family): void {
  const fail = (what: string): never => {
    throw new Error(`${name}: ${what}`);
  };
  if (!NAME.test(name)) fail('not a name for a metric of an application');
  if (NO_BASE_UNIT.test(name)) fail('not in a base unit');
  if (help === '') fail('no help');
  if ((type === 'counter') !== name.endsWith('_total')) fail('_total is for counters, and for all');
  const seen = new Set<string>();
  for (const sample of samples) {
    const key = `${sample.name}${seriesOf(sample.labels)}`;
    if (seen.has(key)) fail(`${key} twice`);
    seen.add(key);
    const isPart = type === 'histogram' ? /_(bucket|sum|count)$/ : /^$/;
    if (sample.name.replace(isPart, '') !== name) fail(`${sample.name} is no part of it`);
    if (type !== 'gauge' && !(sample.value >= 0)) fail(`${key} is ${sample.value}`);
  }
  if (type === 'histogram') checkHistograms(samples, fail);
  else if (type !== 'counter' && type !== 'gauge') fail(`the type is ${type}`);
}

function checkHistograms(samples: readonly Sample[], fail: (what: string) => never): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = seriesOf(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [labels, parts] of series) {
    const buckets = parts.filter(({ name }) => name.endsWith('_bucket'));
    const counts = buckets.map(({ value }) => value);
    const bounds = buckets.map(({ labels: { le = '' } }) =>
      le === '+Inf' ? Infinity : Number(le),
    );
    const ascending = (numbers: number[]) => numbers.toSorted((a, b) => a - b);
    const [count, ...others] = parts.filter(({ name }) => name.endsWith('_count'));
    if (String(ascending(bounds)) !== String(bounds)) fail(`${labels}: bounds are not in order`);
    if (String(ascending(counts)) !== String(counts)) fail(`${labels}: counts are not cumulative`);
    if (bounds.at(-1) !== Infinity) fail(`${labels}: no bucket +Inf`);
    if (!count || others.length > 0) fail(`${labels}: no count`);
    if (counts.at(-1) !== count?.value) fail(`${labels}: the bucket +Inf is not the count`);
    if (parts.filter(({ name }) => name.endsWith('_sum')).length !== 1) fail(`${labels}: no sum`);
  }
}

function seriesOf(labels: Sample['labels']): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .toSorted()
    .join();
}
