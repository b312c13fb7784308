import type { EndpointDiscovery, ServerTarget } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { type KubernetesApi, KubernetesApiError } from './kubernetes-api.js';

/** What is used of `discovery.k8s.io/v1`. */
interface EndpointSlice {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints?: readonly Endpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean | null };
  readonly zone?: string;
  readonly targetRef?: { readonly name?: string };
}

interface SliceList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly EndpointSlice[];
}

type Change =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: EndpointSlice }
  | {
      readonly type: 'ERROR';
      readonly object: { readonly code: number; readonly message: string };
    };

export interface EndpointSlicesOptions {
  /** The name of the Service's port. */
  readonly port: string;
  readonly api: KubernetesApi;
}

/** How long the API server may keep one watch, in seconds. */
const WATCH_SECONDS = '300';

/** Between two watches, in ms, in case the API server ends each at once. */
const PAUSE_MS = 1000;

/** The version that a watch began with is too old: everything is to be listed again. */
const GONE = 410;

/**
 * Follows the ready pods of a Service, with their zones, by the API server's watch. It takes the right to list and watch
 * `endpointslices`. What goes wrong it throws: the client keeps its servers, and calls `watch` again after a while.
 */
export function endpointSlices(
  service: string,
  { port, api }: EndpointSlicesOptions,
): EndpointDiscovery {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${api.namespace}/endpointslices`;
  const query = { labelSelector: `kubernetes.io/service-name=${service}` };

  async function* follow(signal: AbortSignal): AsyncGenerator<readonly ServerTarget[]> {
    const { metadata, items } = (await api.list(path, query, signal)) as SliceList;
    const slices = new Map(items.map((slice) => [slice.metadata.name, slice]));
    let { resourceVersion } = metadata;
    yield serversOf(slices.values(), port);
    for (; !signal.aborted; await delay(PAUSE_MS, undefined, { signal })) {
      const since = { ...query, resourceVersion, allowWatchBookmarks: 'true' };
      const changes = api.watch(path, { ...since, timeoutSeconds: WATCH_SECONDS }, signal);
      for await (const change of changes as AsyncGenerator<Change>) {
        if (change.type === 'ERROR') {
          throw new KubernetesApiError(change.object.code, change.object.message);
        }
        ({ resourceVersion } = change.object.metadata);
        if (change.type === 'BOOKMARK') continue;
        const { name } = change.object.metadata;
        if (change.type === 'DELETED') slices.delete(name);
        else slices.set(name, change.object);
        yield serversOf(slices.values(), port);
      }
    }
  }

  return {
    name: `EndpointSlices of ${api.namespace}/${service}`,
    async *watch({ signal }) {
      for (; !signal.aborted; await delay(PAUSE_MS, undefined, { signal })) {
        try {
          yield* follow(signal);
        } catch (error) {
          if (!(error instanceof KubernetesApiError && error.status === GONE)) throw error;
        }
      }
    },
  };
}

function serversOf(slices: Iterable<EndpointSlice>, portName: string): ServerTarget[] {
  return [...slices].flatMap(({ addressType, endpoints, ports }) => {
    const port = ports?.find(({ name }) => name === portName)?.port;
    if (port === undefined || addressType === 'FQDN') return [];
    return (endpoints ?? []).filter(isReady).flatMap(({ addresses, zone, targetRef }) =>
      addresses.slice(0, 1).map((address) => ({
        endpoint: `tcp://${addressType === 'IPv6' ? `[${address}]` : address}:${port}`,
        zone,
        name: targetRef?.name,
      })),
    );
  });
}

/** Pods that leave are not ready. Where nothing is said, they are: so the API defines it. */
function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}
