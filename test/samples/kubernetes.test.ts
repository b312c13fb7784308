import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { faultsOf, type KubernetesObject } from './kubernetes-objects.js';

const SAMPLE = new URL('../../sample/04-kubernetes/', import.meta.url);
const folder = new URL('kubernetes/', SAMPLE);

const objects = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as KubernetesObject;
  }),
);

/** What the object of that kind and name has there; a number is a place in a list. */
function get(kind: string, name: string, path = ''): unknown {
  const found: unknown = objects.find((one) => one.kind === kind && one.metadata.name === name);
  return path
    .split('.')
    .filter((step) => step !== '')
    .reduce((value, step) => (value as Record<string, unknown> | undefined)?.[step], found);
}

const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;

const namesOf = (list: unknown, member: string) =>
  (list as Record<string, unknown>[]).map((one) => one[member]);

describe('the manifests of sample/04-kubernetes', () => {
  test('are as the API of Kubernetes has them', () => {
    expect(faultsOf(objects)).toEqual([]);
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'Deployment',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'Service',
      'Service',
      'ServiceAccount',
    ]);
  });

  test('have names of their own, and are all in one namespace', () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['shop']));
  });

  test.each(['orders', 'shop'])('select the pods of %s, and their ports', (name) => {
    const labels = { app: name };
    expect(get('Deployment', name, 'spec.template.metadata.labels')).toEqual(labels);
    expect(get('Deployment', name, 'spec.selector.matchLabels')).toEqual(labels);
    expect(get('Service', name, 'spec.selector')).toEqual(labels);
    const ports = namesOf(get('Deployment', name, `${CONTAINER}.ports`), 'name');
    const targets = namesOf(get('Service', name, 'spec.ports'), 'targetPort');
    expect(ports).toEqual(expect.arrayContaining(targets));
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(ports).toContain(get('Deployment', name, `${CONTAINER}.${probe}.httpGet.port`));
    }
  });

  test.each(['orders', 'shop'])('leave %s time to drain', (name) => {
    const sleep = get('Deployment', name, `${CONTAINER}.lifecycle.preStop.sleep.seconds`) ?? 0;
    const drain = 10; // the default of drainTimeout, in s
    const grace = get('Deployment', name, `${POD}.terminationGracePeriodSeconds`);
    expect(Number(grace)).toBeGreaterThan(Number(sleep) + drain);
  });

  test('name the servers as the client looks them up, by DNS and by EndpointSlices', () => {
    const source = readFileSync(new URL('src/shop.ts', SAMPLE), 'utf8');
    expect(get('Service', 'orders', 'spec.clusterIP')).toBe('None');
    const port = get('Service', 'orders', 'spec.ports.0');
    expect(port).toMatchObject({ name: 'freelance', port: 5555 });
    expect(source).toContain("dnsEndpoints('tcp://orders:5555')");
    expect(source).toContain("endpointSlices('orders', { port: 'freelance'");
  });

  test('scale and protect what there is', () => {
    expect(get('HorizontalPodAutoscaler', 'orders', 'spec.scaleTargetRef')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'orders',
    });
    // With both, each `kubectl apply` would undo what the autoscaler did.
    expect(get('Deployment', 'orders', 'spec.replicas')).toBeUndefined();
    // It measures the share of what is requested.
    expect(get('Deployment', 'orders', `${CONTAINER}.resources.requests.cpu`)).toBeDefined();
    expect(get('PodDisruptionBudget', 'orders', 'spec.selector')).toEqual(
      get('Deployment', 'orders', 'spec.selector'),
    );
  });

  test('let the client read EndpointSlices, and nothing else', () => {
    const role = String(get('RoleBinding', 'shop-follows-endpoints', 'roleRef.name'));
    expect(get('Role', role, 'rules')).toEqual([
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        verbs: ['list', 'watch'],
      },
    ]);
    expect(get('RoleBinding', 'shop-follows-endpoints', 'subjects')).toEqual([
      { kind: 'ServiceAccount', name: 'shop', namespace: 'shop' },
    ]);
    expect(get('Deployment', 'shop', `${POD}.serviceAccountName`)).toBe('shop');
    expect(get('Deployment', 'orders', `${POD}.automountServiceAccountToken`)).toBe(false);
  });
});

describe('a wrong manifest', () => {
  const orders = get('Deployment', 'orders');
  const broken = (change: (text: string) => string) =>
    faultsOf([JSON.parse(change(JSON.stringify(orders))) as KubernetesObject]).join('\n');

  test.each<[string, [string, string], string]>([
    [
      'a member that there is not',
      ['terminationGracePeriodSeconds', 'terminationGracePeriod'],
      '"terminationGracePeriod"',
    ],
    ['a value of another type', ['"minReadySeconds":30', '"minReadySeconds":"30"'], "'string'"],
    [
      'a missing member',
      ['"selector":{"matchLabels":{"app":"orders"}},', ''],
      "'selector' is missing",
    ],
    ['a member of a probe that there is not', ['"periodSeconds":5', '"period":5'], '"period"'],
    ['another kind', ['"kind":"Deployment"', '"kind":"Deploiment"'], "'Deploiment'"],
    ['another version', ['apps/v1', 'apps/v2'], 'no module for apps/v2'],
    ['no name', ['"name":"orders","namespace"', '"namespace"'], "'name' is missing"],
  ])('with %s is found', (_what, [from, to], fault) => {
    expect(broken((text) => text.replace(from, to))).toContain(fault);
    expect(broken((text) => text)).toBe('');
  });
});
