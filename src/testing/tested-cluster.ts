import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../../e2e/cluster/eventually';
import { natsClusterKind, ownedKinds, type StoredCluster } from '../controllers/nats-cluster/kind';
import { type Pod } from '../controllers/nats-cluster/plan/situation';
import { type ApiClient } from '../kubernetes/api-client';
import { type StoredObject } from '../kubernetes/object';
import { kinds } from '../kubernetes/resource-kind';
import { clusterLabel, memberLabel } from '../templates/names';
import { stampAnnotation } from '../templates/stamp';

/** What a test expects of a cluster. */
export interface Expected {
  readonly size: number;
  readonly version: string;
}

/** A NatsCluster under test, with everything that belongs to it. */
export class TestedCluster {
  constructor(
    private readonly client: ApiClient,
    private readonly key: { readonly namespace: string; readonly name: string },
  ) {}

  get namespace(): string {
    return this.key.namespace;
  }

  async create(spec: object, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
    const { group, version, kind } = natsClusterKind;
    const metadata = { ...this.key, annotations };
    await this.client.create(natsClusterKind, { apiVersion: `${group}/${version}`, kind, metadata, spec } as never);
  }

  async edit(spec: object): Promise<void> {
    await this.client.mergePatch(natsClusterKind, this.key, { spec });
  }

  async delete(): Promise<void> {
    await this.client.delete(natsClusterKind, this.key, {});
  }

  get(): Promise<StoredCluster | undefined> {
    return this.client.get<StoredCluster>(natsClusterKind, this.key);
  }

  pods(): Promise<Pod[]> {
    return this.client.list<Pod>(kinds.pod, this.selection);
  }

  /** Everything that belongs to it beside its pods, as `Kind name`. */
  async objects(): Promise<string[]> {
    const lists = await Promise.all(ownedKinds.map((kind) => this.client.list(kind, this.selection)));
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  /** What is different from what is expected, as sentences: nothing where all is well and the status says so. */
  async differences({ size, version }: Expected): Promise<string[]> {
    const { name } = this.key;
    const cluster = await this.get();
    const { status, metadata } = cluster ?? {};
    const conditions = status?.conditions?.map(({ type, status }) => `${type} ${status}`);
    const compare = (what: string, is: unknown, should: unknown) =>
      isDeepStrictEqual(is, should) ? [] : [`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`];
    const told = [
      ...compare('generation', status?.observedGeneration ?? 0, metadata?.generation),
      ...compare('conditions', conditions, ['Ready True', 'Progressing False', 'Degraded False', 'ConfigValid True']),
      ...compare('version', status?.currentVersion, version),
    ];
    if (told.length > 0) return told; // the rest is only worth the calls when the operator says that it is ready
    const [pods, objects] = await Promise.all([this.pods(), this.objects()]);
    const members = pods.map(({ metadata }) => metadata.labels?.[memberLabel] ?? '').sort();
    const wanted = Array.from({ length: size }, (_, ordinal) => String(ordinal));
    const versions = new Set(pods.map(({ metadata }) => metadata.labels?.nats_version));
    const kept = [`Secret ${name}`, `Service ${name}`, `Service ${name}-routes`, `PodDisruptionBudget ${name}`];
    return [
      ...compare('members', members, wanted),
      ...compare('versions', [...versions], [version]),
      ...compare('objects', objects.sort(), kept.sort()),
      ...compare(
        'members in the status',
        status?.members?.map((member) => member.pod).sort(),
        pods.map(({ metadata }) => metadata.name).sort(),
      ),
    ];
  }

  /** Waits until the cluster is as expected. Throws what is different when `seconds` are over. */
  async settled(expected: Expected, seconds = 90): Promise<void> {
    await eventually(seconds, async () => {
      const differences = await this.differences(expected);
      if (differences.length > 0) throw new Error(`${this.key.name}: ${differences.join('; ')}`);
    });
  }

  /** Waits until nothing of the cluster is left. */
  async gone(seconds = 90): Promise<void> {
    await eventually(seconds, async () => {
      if (await this.get()) throw new Error(`${this.key.name} is left`);
      const [pods, objects] = await Promise.all([this.pods(), this.objects()]);
      const left = [...pods.map(({ metadata }) => metadata.name), ...objects];
      if (left.length > 0) throw new Error(`${left.join(', ')} of ${this.key.name} is left`);
    });
  }

  /**
   * All that its namespace holds of the kinds that the operator makes, whoever it belongs to, without what differs from one
   * run to the next: so two runs that end the same are equal, and an orphan or a duplicate makes a difference.
   */
  async everything(): Promise<object[]> {
    const { namespace } = this;
    const [cluster, ...lists] = await Promise.all([
      this.get(),
      ...[...ownedKinds, kinds.pod].map((kind) => this.client.list(kind, { namespace })),
    ]);
    const owner = cluster?.metadata.uid ?? '';
    const objects = lists.flat().map((object) => timeless(object, owner));
    const all = [...(cluster ? [timelessCluster(cluster)] : []), ...objects].map((object) => JSON.stringify(object));
    const secrets = secretsIn(lists.flat());
    return all
      .map((text) => secrets.reduce((known, [secret, name]) => known.replaceAll(secret, name), text))
      .map((text) => text.replaceAll(namespace, 'here'))
      .sort()
      .map((text) => JSON.parse(text) as object);
  }

  private get selection() {
    return { namespace: this.key.namespace, labelSelector: `${clusterLabel}=${this.key.name}` };
  }
}

type Any = StoredObject & {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
};

/** The password of the operator's user, which is random, and the id of the config that has it, each with a name for it. */
function secretsIn(objects: readonly Any[]): [string, string][] {
  const values = objects.flatMap(({ kind, data = {} }) =>
    kind === 'Secret' ? Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]) : [],
  );
  return values.flatMap(([key = '', value = '']): [string, string][] => {
    const id = /nats-operator-config:([0-9a-f]+)/.exec(value)?.[1];
    return [
      ...(key.startsWith('system-password') && value ? ([[value, `its ${key}`]] as [string, string][]) : []),
      ...(id ? ([[id, 'its config']] as [string, string][]) : []),
    ];
  });
}

/** A pod has the number of its member for a name: its own is random. */
function timeless(object: Any, owner: string): object {
  const { kind, metadata } = object;
  const { labels, ownerReferences = [], deletionTimestamp } = metadata;
  // it stands for namespace and owner too
  const annotations = metadata.annotations && { ...metadata.annotations, [stampAnnotation]: undefined };
  const { nodeName, clusterIP, clusterIPs, ...spec } = object.spec ?? {};
  const conditions = (object as Pod).status?.conditions ?? [];
  return {
    kind,
    name: kind === 'Pod' ? `member ${labels?.[memberLabel] ?? '?'}` : metadata.name,
    labels,
    annotations,
    owners: ownerReferences.map(({ uid, ...reference }) => ({ ...reference, isTheCluster: uid === owner })),
    isDeleted: deletionTimestamp !== undefined,
    spec,
    data: Object.entries(object.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    ...(kind === 'Pod' && {
      isScheduled: nodeName !== undefined,
      isReady: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    }),
    ...(kind === 'Service' && { isHeadless: clusterIP === 'None' && Array.isArray(clusterIPs) }),
  };
}

/** What a server says of itself is asked a while after it is ready, so it is left out. */
function timelessCluster({ kind, metadata, status, ...rest }: StoredCluster): object {
  const { name, generation, annotations, finalizers, deletionTimestamp } = metadata;
  const conditions = status?.conditions?.map(({ type, status, reason, message, observedGeneration }) => ({
    type,
    status,
    reason,
    message,
    observedGeneration,
  }));
  const members = status?.members?.map(({ name, ready, pod }) => ({ name, ready, hasPod: Boolean(pod) }));
  return {
    kind,
    metadata: { name, generation, annotations, finalizers, isDeleted: deletionTimestamp !== undefined },
    spec: (rest as { spec?: unknown }).spec,
    status: { ...(status as object), conditions, members },
  };
}
