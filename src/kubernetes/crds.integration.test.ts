import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { eventually } from '../../e2e/cluster/eventually';
import { projectFolder } from '../../e2e/cluster/project';
import { type ApiClient } from './api-client';
import { CrdError, crdVersionAnnotation, ensureCrd, readCrd, type Crd } from './crds';
import { type StoredObject } from './object';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';

const kind = kinds.customResourceDefinition;
const crd = readCrd(join(projectFolder, 'crd', 'natsclusters.yaml'));
const cure = 'CRD natsclusters.nats.io is not installed: an administrator runs kubectl apply -f crd/';

type StoredCrd = StoredObject & {
  metadata: { annotations?: Record<string, string> };
  spec: { names: { shortNames?: string[] } };
  status: { conditions: object[] };
};

describe('a CRD', () => {
  let controlPlane: TemporaryControlPlane;
  let admin: ApiClient;
  let reader: ApiClient;
  let stranger: ApiClient;
  const warnings: string[] = [];
  const warn = (words: string) => warnings.push(words);

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    admin = clientOf(controlPlane.kubeconfig).client;
    await controlPlane.kubectl('create', 'clusterrole', 'reader', '--verb=get', '--resource=customresourcedefinitions');
    await controlPlane.kubectl('create', 'clusterrolebinding', 'reader', '--clusterrole=reader', '--user=reader');
    reader = clientOf(await controlPlane.kubeconfigFor('reader')).client;
    stranger = clientOf(await controlPlane.kubeconfigFor('stranger')).client;
  }, 180_000);

  beforeEach(() => warnings.splice(0));
  afterAll(() => controlPlane.remove());

  it('that is missing is named with the command that installs it, to whom may only read CRDs', async () => {
    await expect(ensureCrd(reader, crd, false)).rejects.toThrow(new CrdError(cure));
    await expect(ensureCrd(reader, crd, true)).rejects.toThrow(new CrdError(cure));
  });

  it('that is missing is named also to whom may not even look at CRDs', async () => {
    await expect(ensureCrd(stranger, crd, true)).rejects.toThrow(new CrdError(cure));
  });

  it('is installed, and established when that returns', async () => {
    await ensureCrd(admin, crd, true);
    const stored = await admin.get<StoredCrd>(kind, crd.metadata);
    expect(stored?.status.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }));
    const version = crd.spec.versions.find(({ storage }) => storage)?.name ?? '';
    const { group, names } = crd.spec;
    const served = { group, version, kind: names.kind, plural: names.plural, namespaced: true };
    // the API server says that it is established a moment before it serves it; informers try again
    await eventually(60, async () => {
      expect(await admin.list(served)).toEqual([]);
    });
  });

  it('that is as the file has it is not written again', async () => {
    const calls: string[] = [];
    await ensureCrd(admin.with({ onAnswer: (method) => calls.push(method) }), crd, true);
    expect(new Set(calls)).toEqual(new Set(['GET']));
  });

  it('of an older operator is brought up to date', async () => {
    const stored = await admin.get<StoredCrd>(kind, crd.metadata);
    const older = { spec: { names: { ...stored?.spec.names, shortNames: ['old'] } } };
    await admin.mergePatch(kind, crd.metadata, older);
    await ensureCrd(admin, crd, true);
    const updated = await admin.get<StoredCrd>(kind, crd.metadata);
    expect(updated?.spec.names.shortNames).toEqual(stored?.spec.names.shortNames);
    expect(stored?.spec.names.shortNames).not.toContain('old');
  });

  it('of a newer operator is left as it is: during a rollout a replica of the older one may start again', async () => {
    const annotated = async (version: string, shortName: string) => {
      const { metadata, spec } = (await admin.get<StoredCrd>(kind, crd.metadata))!;
      const annotations = { ...metadata.annotations, [crdVersionAnnotation]: version };
      const names = { ...spec.names, shortNames: [shortName] };
      await admin.mergePatch(kind, crd.metadata, { metadata: { annotations }, spec: { names } });
    };
    const shortNames = async () => (await admin.get<StoredCrd>(kind, crd.metadata))?.spec.names.shortNames;
    await annotated('999.0.0', 'newer');
    for (const client of [admin, reader]) await ensureCrd(client, crd, true, warn);
    expect(await shortNames()).toEqual(['newer']);
    await annotated('0.0.1', 'older');
    await ensureCrd(admin, crd, true, warn);
    expect(await shortNames()).not.toEqual(['older']);
    expect(await admin.get<StoredCrd>(kind, crd.metadata)).toMatchObject({
      metadata: { annotations: crd.metadata.annotations },
    });
    expect(warnings).toEqual([]);
  });

  it('that is there will do for those who may not install it', async () => {
    await ensureCrd(reader, crd, true, warn);
    await ensureCrd(stranger, crd, true, warn);
    expect(warnings).toEqual([]);
  });

  it('that is older will do for those who may not install it, with a warning that says what to do', async () => {
    const older = { spec: { names: { ...crd.spec.names, shortNames: ['old'] } } };
    await admin.mergePatch(kind, crd.metadata, older);
    const words =
      'CRD natsclusters.nats.io is older than this operator and lacks fields: an administrator runs kubectl apply -f crd/';
    await ensureCrd(reader, crd, true, warn);
    await ensureCrd(reader, crd, false, warn);
    await ensureCrd(admin, crd, false, warn);
    expect(warnings).toEqual([words, words, words]);
  });

  it('that lacks the version of this operator is refused, to whom may not install it', async () => {
    const { versions } = (await admin.get<StoredCrd & Crd>(kind, crd.metadata))!.spec;
    const old = versions.map((version) => ({ ...version, served: version.name === 'v1alpha2' }));
    await admin.mergePatch(kind, crd.metadata, { spec: { versions: old } });
    const words =
      'CRD natsclusters.nats.io does not serve v1beta1, which this operator needs: an administrator runs kubectl apply -f crd/';
    await expect(ensureCrd(reader, crd, true)).rejects.toThrow(new CrdError(words));
    await ensureCrd(admin, crd, true);
    await ensureCrd(reader, crd, true);
  });
});
