// What OpenTelemetry costs: one client and one server, each in a process of its own, with a new pair for each measurement. The
// handler does nothing and Nest's pipeline is left out, so that nothing hides the cost. The ways take turns, and each round
// compares with its own "off".
//
//   npm run build && node scripts/telemetry-cost.mjs [rounds] [way,way…]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const WARM_UP_MS = 1000;
const MEASURED_MS = 2000;
const CONCURRENCY = 64;

/** What is set up in both processes. */
const WAYS = {
  off: 'nothing is registered',
  traceparent: 'nothing is registered; each call has a `traceparent` of its own in its metadata',
  'no SDK': 'registered, but no SDK',
  unsampled: 'SDK, no trace is sampled',
  '1 %': 'SDK, one trace of a hundred is sampled',
  sampled:
    'SDK, each trace is sampled; its spans go to a batch processor, and are thrown away there',
  metrics: 'SDK, no trace is sampled, with metrics',
};

async function setUp(way) {
  if (way === 'off' || way === 'traceparent') return;
  const { FreelanceInstrumentation } = await import('nestjs-freelance/opentelemetry');
  if (way !== 'no SDK') {
    const { metrics } = await import('@opentelemetry/api');
    const { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ...sdk } =
      await import('@opentelemetry/sdk-trace-node');
    const root = {
      sampled: new AlwaysOnSampler(),
      '1 %': new sdk.TraceIdRatioBasedSampler(0.01),
    }[way];
    const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
    const tracers = new sdk.NodeTracerProvider({
      sampler: new sdk.ParentBasedSampler({ root: root ?? new AlwaysOffSampler() }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    tracers.register();
    if (way === 'metrics') {
      const { MeterProvider, PeriodicExportingMetricReader } =
        await import('@opentelemetry/sdk-metrics');
      const reader = new PeriodicExportingMetricReader({
        exporter: { ...exporter, forceFlush: async () => {} },
      });
      metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    }
  }
  const instrumentation = new FreelanceInstrumentation();
  instrumentation.enable();
}

async function serve(way) {
  await setUp(way);
  const { FreelanceTransportServer } = await import('nestjs-freelance');
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  server.addHandler('sum', async ([a, b]) => a + b);
  server.listen(() => process.send({ endpoints: server.endpoints }));
  process.on('message', () => process.send({ cpu: process.cpuUsage() }));
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function call(way, endpoint) {
  await setUp(way);
  const { FreelanceClientProxy, FreelanceRecordBuilder } = await import('nestjs-freelance');
  const client = new FreelanceClientProxy({ endpoints: [endpoint] });
  await client.connect();
  let count = 0;
  let isOver = false;
  // As random as a real one, without the cost of making it so.
  const traceparent = () =>
    `00-${(count * 2654435761).toString(16).padStart(32, '0')}-${count.toString(16).padStart(16, '0')}-00`;
  const data = () =>
    way === 'traceparent'
      ? new FreelanceRecordBuilder([1, 2]).setMetadata({ traceparent: traceparent() }).build()
      : [1, 2];
  const next = () => {
    if (isOver) return;
    client.send('sum', data()).subscribe({ complete: () => (count++, next()) });
  };
  for (let n = 0; n < CONCURRENCY; n++) next();
  await wait(WARM_UP_MS);
  process.send({ began: true });
  const [before, cpuBefore, began] = [count, process.cpuUsage(), performance.now()];
  await wait(MEASURED_MS);
  const calls = count - before;
  const seconds = (performance.now() - began) / 1000;
  isOver = true;
  process.send({ calls, seconds, cpu: process.cpuUsage(cpuBefore) });
}

const self = fileURLToPath(import.meta.url);
const total = ({ user, system }) => user + system;

async function measure(way) {
  const server = fork(self, ['serve', way]);
  const [{ endpoints }] = await once(server, 'message');
  const client = fork(self, ['call', way, endpoints[0]]);
  const serverCpu = async () => {
    server.send('cpu');
    const [{ cpu }] = await once(server, 'message');
    return total(cpu);
  };
  await once(client, 'message');
  const before = await serverCpu();
  const [{ calls, seconds, cpu }] = await once(client, 'message');
  const atServer = (await serverCpu()) - before;
  client.kill('SIGKILL');
  server.kill('SIGKILL');
  return { rate: calls / seconds, client: total(cpu) / calls, server: atServer / calls };
}

const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

async function compare(rounds, ways) {
  const all = Object.fromEntries(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    // Each way has each place in the order once, and a round has one order for all.
    const order = [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)];
    for (const way of order) all[way].push(await measure(way));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  console.log(`Medians of ${rounds} rounds, Node ${process.version}; ratios within each round.\n`);
  console.log('| way | calls/s | of off | client, µs of CPU per call | server |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const way of ways) {
    const ratio = median(all[way].map(({ rate }, round) => rate / all.off[round].rate));
    const of = (what) => median(all[way].map((one) => one[what]));
    console.log(
      `| ${way}: ${WAYS[way]} | ${Math.round(of('rate'))} | ${ratio.toFixed(2)} | ${of('client').toFixed(1)} | ${of('server').toFixed(1)} |`,
    );
  }
}

const [, , first = '10', second, third] = process.argv;
if (first === 'serve') await serve(second);
else if (first === 'call') await call(second, third);
else await compare(Number(first), second ? ['off', ...second.split(',')] : Object.keys(WAYS));
