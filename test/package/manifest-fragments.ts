import { parseAllDocuments } from 'yaml';
import { faultsOf, type KubernetesObject } from '../samples/kubernetes-objects.js';

type Fragment = Readonly<Record<string, unknown>>;

/** What is wrong with YAML of the documentation: with a manifest of Kubernetes, or a part of one. */
export function faultsOfYaml(text: string): string[] {
  const documents = parseAllDocuments(text);
  const faults = documents.flatMap(({ errors }) => errors.map(({ message }) => message));
  if (faults.length > 0) return faults;
  const objects: KubernetesObject[] = [];
  for (const fragment of documents.map((document) => document.toJS() as Fragment)) {
    if ('metric_relabel_configs' in fragment) continue; // of Prometheus: names.test.ts knows its metrics
    const object = objectOf(fragment);
    if (object) objects.push(object);
    else faults.push(`nobody knows what ${Object.keys(fragment).join(', ')} is a part of`);
  }
  return objects.length > 0 ? [...faults, ...faultsOf(objects)] : faults;
}

/** The whole object that a page shows a part of. */
function objectOf(fragment: Fragment): KubernetesObject | undefined {
  if ('apiVersion' in fragment) return fragment as unknown as KubernetesObject;
  if ('livenessProbe' in fragment) return podOf({ containers: [{ name: 'orders', ...fragment }] });
  return 'spec' in fragment ? podOf(fragment['spec'] as Fragment) : undefined;
}

function podOf(spec: Fragment): KubernetesObject {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'orders' }, spec };
  return pod;
}
