// The newest SDK and instrumentations of OpenTelemetry, which need Node 22, set up as docs/opentelemetry.md says: preloaded by
// `--import` and `--require`, with the application in either format. Each request is one trace, and none of it is lost when the
// service is told to stop meanwhile.
import { strict as assert } from 'node:assert';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { Collector } from './collector.mjs';

/** The set-up that the documentation shows, in both formats. */
function writeInstrumentation(page) {
  const [, shown] = /^```ts\n(\/\/ src\/instrumentation\.ts\n[\s\S]*?)^```$/m.exec(page) ?? [];
  assert.ok(shown, 'docs/opentelemetry.md shows an instrumentation.ts');
  writeFileSync('instrumentation.mjs', shown);
  const commonJs = shown
    .replaceAll(/^import (\{.*?\}) from ('.*?');$/gm, 'const $1 = require($2);')
    .replace('export const sdk =', 'const sdk = exports.sdk =');
  writeFileSync('instrumentation.cjs', commonJs);
}

/** Without a connection that is kept alive: the server would wait for it when it stops. */
async function answerOf(url) {
  const [response] = await once(get(url, { agent: false }), 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

const PATH = [
  'SERVER GET',
  'CLIENT order',
  'CLIENT Attempt.order',
  'SERVER order',
  'CLIENT stock',
  'CLIENT Attempt.stock',
  'SERVER stock',
];

const METRICS = [
  'http.server.request.duration',
  'rpc.client.call.duration',
  'rpc.server.call.duration',
  'freelance.client.attempts',
  'freelance.client.servers',
  'freelance.client.pending',
];

writeInstrumentation(readFileSync(process.argv[2], 'utf8'));
const collector = new Collector();
const OTEL_EXPORTER_OTLP_ENDPOINT = await collector.listen();
const env = {
  ...process.env,
  OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
};

for (const [flag, instrumentation] of [
  ['--import', './instrumentation.mjs'],
  ['--require', './instrumentation.cjs'],
]) {
  for (const app of ['./app.mjs', './app.cjs']) {
    const service = fork(app, [instrumentation], { execArgv: [flag, instrumentation], env });
    const ended = once(service, 'exit');
    const [url] = await once(service, 'message');
    assert.equal(await answerOf(`${url}/order`), 'in stock');
    assert.deepEqual(await ended, [null, 'SIGTERM']);
    const { traces, metrics } = collector.taken();
    assert.deepEqual(traces, [PATH]);
    assert.deepEqual(
      METRICS.filter((name) => !metrics.has(name)),
      [],
    );
    console.log(`node ${process.version} ${flag} ${instrumentation} ${app}: one trace`);
  }
}
collector.close();
