import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isSeq, parseAllDocuments } from 'yaml';
import { projectFolder } from '../e2e/cluster/project';

/** Path of the whole operator in one file. */
export const manifestPath = join(projectFolder, 'example', 'deployment.yaml');

const parts = ['crd/natsclusters.yaml', 'crd/natsserviceroles.yaml', 'deploy/rbac.yaml', 'deploy/deployment.yaml'];

/** Image of the operator: the version in package.json is the only place that names it. */
export function operatorImage(): string {
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
  return `nats-operator:${version}`;
}

/**
 * CRDs, rights and Deployment as one file, with the given image. As text, so that comments stay and the schema, which is
 * an alias in the second version, is there once.
 */
export function manifest(image = operatorImage()): string {
  const texts = parts.map((path) => readFileSync(join(projectFolder, path), 'utf8').trim());
  return texts.join('\n---\n').replace(/image: nats-operator:\S+/, () => `image: ${image}`) + '\n';
}

/** Path of the rights of an operator that serves some namespaces only. */
export const namespacedPath = join(projectFolder, 'deploy', 'namespaced.yaml');

const clusterScoped = ['nodes', 'storageclasses', 'persistentvolumes', 'customresourcedefinitions'];

type Part = Extract<ReturnType<typeof parseAllDocuments>, unknown[]>[number];

const explanation = ` Made by \`make crd\` from deploy/rbac.yaml, to be used instead of it: the rights of an operator that runs with
 --namespaces and --install-crds=false. Role and RoleBinding nats-operator-clusters are needed in each of these namespaces,
 here they are for default. Of the whole Kubernetes cluster the operator sees no more than its CRDs, which an administrator
 installs with kubectl apply -f crd/.`;

/** The rights of deploy/rbac.yaml as Roles, without those that are for the whole cluster, but to read the operator's CRDs. */
export function namespacedRights(): string {
  const rights = () => parseAllDocuments(readFileSync(join(projectFolder, 'deploy', 'rbac.yaml'), 'utf8'));
  const [account, forCrds, bindingForCrds, ...lease] = rights();
  const [, forClusters, bindingForClusters] = rights();
  if (!account || !forCrds || !bindingForCrds || !forClusters || !bindingForClusters)
    throw new Error('rbac.yaml is cut');
  keepRules(forClusters, (resources) => !resources.some((name) => clusterScoped.includes(name)));
  keepRules(forCrds, (resources, { names }) => resources.includes('customresourcedefinitions') && names);
  forCrds.setIn(['rules', 0, 'verbs'], ['get']);
  for (const [document, name] of [
    [forClusters, 'nats-operator-clusters'],
    [forCrds, 'nats-operator-crds'],
  ] as const) {
    document.setIn(['metadata', 'name'], name);
  }
  bindingForCrds.setIn(['metadata', 'name'], 'nats-operator-crds');
  bindingForCrds.setIn(['roleRef', 'name'], 'nats-operator-crds');
  bindingForClusters.setIn(['metadata', 'name'], 'nats-operator-clusters');
  bindingForClusters.setIn(['roleRef', 'name'], 'nats-operator-clusters');
  bindingForClusters.setIn(['roleRef', 'kind'], 'Role');
  for (const [document, kind] of [
    [forClusters, 'Role'],
    [bindingForClusters, 'RoleBinding'],
  ] as const) {
    document.set('kind', kind);
    document.setIn(['metadata', 'namespace'], 'default');
  }
  account.commentBefore = explanation;
  const all = [account, forClusters, bindingForClusters, forCrds, bindingForCrds, ...lease];
  return all.map((document) => textOf(document)).join('---\n');
}

function keepRules(role: Part, kept: (resources: string[], rule: { names: boolean }) => boolean): void {
  const rules: unknown = role.get('rules');
  if (!isSeq(rules)) throw new Error('a role without rules');
  rules.items = rules.items.filter((rule) => {
    if (!isMap(rule)) return false;
    const { resources } = rule.toJSON() as { resources: string[] };
    return kept(resources, { names: rule.has('resourceNames') });
  });
}

function textOf(document: Part): string {
  if (document.directives) document.directives.docStart = null; // they are joined by it
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
