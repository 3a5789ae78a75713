import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { eventually } from '../../e2e/cluster/eventually';
import { projectFolder } from '../../e2e/cluster/project';
import { type ApiClient } from './api-client';
import { CrdError, ensureCrd, readCrd } from './crds';
import { type StoredObject } from './object';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';

const kind = kinds.customResourceDefinition;
const crd = readCrd(join(projectFolder, 'crd', 'natsclusters.yaml'));
const cure = 'CRD natsclusters.nats.io is not installed: an administrator runs kubectl apply -f crd/';

type StoredCrd = StoredObject & { spec: { names: { shortNames?: string[] } }; status: { conditions: object[] } };

describe('a CRD', () => {
  let controlPlane: TemporaryControlPlane;
  let admin: ApiClient;
  let reader: ApiClient;
  let stranger: ApiClient;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    admin = clientOf(controlPlane.kubeconfig).client;
    await controlPlane.kubectl('create', 'clusterrole', 'reader', '--verb=get', '--resource=customresourcedefinitions');
    await controlPlane.kubectl('create', 'clusterrolebinding', 'reader', '--clusterrole=reader', '--user=reader');
    reader = clientOf(await controlPlane.kubeconfigFor('reader')).client;
    stranger = clientOf(await controlPlane.kubeconfigFor('stranger')).client;
  }, 60_000);

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
    await eventually(10, async () => {
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

  it('that is there will do for those who may not install it', async () => {
    await ensureCrd(reader, crd, true);
    await ensureCrd(stranger, crd, true);
  });
});
