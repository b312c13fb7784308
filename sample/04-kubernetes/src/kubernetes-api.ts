import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { get as getByTls } from 'node:https';
import { isIPv6 } from 'node:net';

/** Where a pod finds its service account. Source: kubernetes.io, "Accessing the Kubernetes API from a Pod". */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** A connection on which nothing arrives for so long, in ms, is given up: watches bring a bookmark each minute. */
const SILENCE_MS = 150_000;

export interface KubernetesApiOptions {
  /** `https://10.96.0.1:443`; `http:` where there is no cluster. */
  readonly url: string;
  readonly namespace: string;
  /** The authority of the API server's certificate, PEM. */
  readonly ca?: string | Buffer | undefined;
  /** Asked for each request: the tokens of pods change each hour. */
  readonly token: () => Promise<string>;
}

/** The API server has answered with an error. */
export class KubernetesApiError extends Error {
  override readonly name = 'KubernetesApiError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(`the API server answers ${status}: ${message}`);
  }
}

/** As much of the Kubernetes API as it takes to follow something. */
export class KubernetesApi {
  constructor(private readonly options: KubernetesApiOptions) {}

  /** With the service account of the pod that this runs in; `KUBERNETES_API` names another server, for a try without a cluster. */
  static ofThisPod(env = process.env): KubernetesApi {
    const url = env['KUBERNETES_API'];
    if (url) return new KubernetesApi({ url, namespace: 'shop', token: async () => 'none' });
    const host = env['KUBERNETES_SERVICE_HOST'];
    if (!host) throw new Error('KUBERNETES_SERVICE_HOST is not set: this runs in no pod');
    const port = env['KUBERNETES_SERVICE_PORT_HTTPS'] ?? '443';
    return new KubernetesApi({
      url: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      namespace: readFileSync(`${ACCOUNT}/namespace`, 'utf8').trim(),
      ca: readFileSync(`${ACCOUNT}/ca.crt`),
      token: async () => (await readFile(`${ACCOUNT}/token`, 'utf8')).trim(),
    });
  }

  get namespace(): string {
    return this.options.namespace;
  }

  async list(path: string, query: Record<string, string>, signal: AbortSignal): Promise<unknown> {
    const response = await this.#get(path, query, signal);
    return JSON.parse(await textOf(response));
  }

  /** One object for each line that the server sends, until it ends the watch. */
  async *watch(path: string, query: Record<string, string>, signal: AbortSignal): AsyncGenerator {
    const response = await this.#get(path, { ...query, watch: '1' }, signal);
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  }

  async #get(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { url, ca, token } = this.options;
    const target = new URL(path, url);
    target.search = String(new URLSearchParams(query));
    const headers = { accept: 'application/json', authorization: `Bearer ${await token()}` };
    const request =
      target.protocol === 'https:'
        ? getByTls(target, { ca, headers, signal })
        : get(target, { headers, signal });
    request.setTimeout(SILENCE_MS, () =>
      request.destroy(new Error(`the API server was silent for ${SILENCE_MS / 1000} s`)),
    );
    // What goes wrong once there is a response, its reader hears.
    request.on('error', () => {});
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const { statusCode = 0 } = response;
    if (statusCode === 200) return response;
    throw new KubernetesApiError(statusCode, await textOf(response));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}
