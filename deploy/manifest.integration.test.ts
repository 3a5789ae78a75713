import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { binaries } from '../e2e/cluster/binaries/binaries';
import { projectFolder } from '../e2e/cluster/project';
import { manifest, manifestPath, namespacedPath, namespacedRights, operatorImage } from './manifest';

interface KubernetesObject {
  kind: string;
  metadata: { name: string };
}

describe('example/deployment.yaml', () => {
  it('is what crd/ and deploy/ say (else run `make crd`)', () => {
    expect(readFileSync(manifestPath, 'utf8')).toBe(manifest());
  });

  it('is granted in some namespaces what deploy/rbac.yaml grants in all (else run `make crd`)', () => {
    expect(readFileSync(namespacedPath, 'utf8')).toBe(namespacedRights());
  });

  it('grants in some namespaces nothing that only a ClusterRole can grant', () => {
    const granted = parseAllDocuments(namespacedRights())
      .map((document) => document.toJS() as KubernetesObject & { rules?: { resources: string[] }[] })
      .filter(({ kind }) => kind === 'Role')
      .flatMap(({ rules = [] }) => rules.flatMap(({ resources }) => resources));
    expect(granted).toContain('persistentvolumeclaims');
    for (const resource of ['persistentvolumes', 'nodes', 'storageclasses']) expect(granted).not.toContain(resource);
  });

  it('runs the version of the project', () => {
    expect(manifest()).toContain(`image: ${operatorImage()}\n`);
  });

  it('runs another image where one is given, and that is all that changes', () => {
    const other = manifest('registry.test/team/operator:$1');
    expect(other).toContain('          image: registry.test/team/operator:$1\n');
    expect(other.replace('registry.test/team/operator:$1', operatorImage())).toBe(manifest());
  });

  it('holds the same objects as kubectl apply -k .', async () => {
    const { kubernetes } = await binaries('kubernetes');
    const { stdout } = await promisify(execFile)(kubernetes, ['kubectl', 'kustomize', projectFolder], {
      maxBuffer: 1e8,
    });
    expect(objects(stdout)).toEqual(objects(manifest()));
  });
});

function objects(text: string): KubernetesObject[] {
  const all = parseAllDocuments(text).map((document) => document.toJS({ maxAliasCount: -1 }) as KubernetesObject);
  const id = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;
  return all.sort((a, b) => (id(a) < id(b) ? -1 : 1));
}
