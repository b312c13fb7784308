import { once } from 'node:events';
import { createServer } from 'node:http';

/** Takes what exporters send, as OTLP's JSON. */
export class Collector {
  #server = createServer((request, response) => this.#take(request, response));
  #spans = [];
  #metrics = new Set();

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** What has come since this was last asked: each trace as a path of names, from its root, and the names of metrics. */
  taken() {
    const traces = Object.values(Object.groupBy(this.#spans, ({ traceId }) => traceId));
    const metrics = this.#metrics;
    this.#spans = [];
    this.#metrics = new Set();
    return { traces: traces.map(pathOf), metrics };
  }

  async #take(request, response) {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(text);
    for (const { scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans) this.#spans.push(...spans);
    for (const { scopeMetrics } of resourceMetrics)
      for (const { metrics } of scopeMetrics)
        for (const { name } of metrics) this.#metrics.add(name);
    response.setHeader('content-type', 'application/json').end('{}');
  }
}

const KINDS = { 2: 'SERVER', 3: 'CLIENT' };

function pathOf(spans) {
  const names = [];
  let at = spans.find(({ parentSpanId }) => !parentSpanId);
  while (at) {
    const { spanId, kind, name } = at;
    names.push(`${KINDS[kind]} ${name}`);
    at = spans.find(({ parentSpanId }) => parentSpanId === spanId);
  }
  // A span that is a child of none of them, or a second child.
  return names.length === spans.length ? names : { names, spans };
}
