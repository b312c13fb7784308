import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

interface FakePod {
  readonly address: string;
  readonly zone?: string;
  readonly ready?: boolean;
}

/** One EndpointSlice. All its pods have the same port. */
export interface FakeSlice {
  readonly port: number;
  readonly pods: Readonly<Record<string, FakePod>>;
}

export interface FakeApiServerOptions {
  readonly namespace: string;
  readonly service: string;
  readonly tls?: ServerOptions;
}

/** Lists and watches EndpointSlices as Kubernetes' API server does: for the sample without a cluster, and for its tests. */
export class FakeApiServer {
  /** The requests so far: method, path, query. */
  readonly requests: { readonly url: URL; readonly authorization: string | undefined }[] = [];
  /** If set, each request is answered with this status. */
  failure: number | undefined;
  readonly #slices = new Map<string, object>();
  readonly #watches = new Set<ServerResponse>();
  readonly #options: FakeApiServerOptions;
  readonly #server;
  #version = 1000;

  constructor(options: FakeApiServerOptions) {
    this.#options = options;
    const answer: RequestListener = (request, response) => this.#answer(request, response);
    this.#server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  set(name: string, slice: FakeSlice): void {
    const type = this.#slices.has(name) ? 'MODIFIED' : 'ADDED';
    const object = this.#sliceOf(name, slice);
    this.#slices.set(name, object);
    this.#send({ type, object });
  }

  delete(name: string): void {
    const object = this.#slices.get(name);
    this.#version++;
    if (this.#slices.delete(name)) {
      const metadata = { name, resourceVersion: String(this.#version) };
      this.#send({ type: 'DELETED', object: { ...object, metadata } });
    }
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(++this.#version) };
    this.#send({ type: 'BOOKMARK', object: { kind: 'EndpointSlice', metadata } });
  }

  /** Ends all watches as after `timeoutSeconds`. */
  endWatches(): void {
    for (const response of this.#watches) response.end();
    this.#watches.clear();
  }

  /** As if all watches had begun too long ago. */
  expireWatches(): void {
    this.#send({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } });
    this.endWatches();
  }

  breakConnections(): void {
    for (const response of this.#watches) response.destroy();
  }

  #send(change: object): void {
    for (const response of this.#watches) response.write(`${JSON.stringify(change)}\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://api');
    this.requests.push({ url, authorization: request.headers.authorization });
    const { namespace, service } = this.#options;
    const isKnown =
      url.pathname === `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices` &&
      url.searchParams.get('labelSelector') === `kubernetes.io/service-name=${service}`;
    const status = this.failure ?? (isKnown ? 200 : 404);
    response.writeHead(status, { 'content-type': 'application/json' });
    if (status !== 200) {
      response.end(JSON.stringify({ kind: 'Status', code: status }));
      return;
    }
    if (url.searchParams.get('watch') === '1') {
      this.#watches.add(response);
      response.on('close', () => this.#watches.delete(response));
      response.flushHeaders();
      const since = Number(url.searchParams.get('resourceVersion'));
      // What has changed since then. A real one also tells of what was deleted.
      for (const object of this.#slices.values()) {
        const { metadata } = object as { metadata: { resourceVersion: string } };
        if (Number(metadata.resourceVersion) > since) {
          response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
        }
      }
      return;
    }
    const metadata = { resourceVersion: String(this.#version) };
    const items = [...this.#slices.values()];
    response.end(JSON.stringify({ kind: 'EndpointSliceList', metadata, items }));
  }

  #sliceOf(name: string, { port, pods }: FakeSlice): object {
    return {
      kind: 'EndpointSlice',
      metadata: { name, resourceVersion: String(++this.#version) },
      addressType: 'IPv4',
      ports: [{ name: 'freelance', port, protocol: 'TCP' }],
      endpoints: Object.entries(pods).map(([pod, { address, zone, ready = true }]) => ({
        addresses: [address],
        conditions: { ready, serving: true, terminating: !ready },
        zone,
        targetRef: { kind: 'Pod', name: pod },
      })),
    };
  }
}
