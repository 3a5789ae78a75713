import { type ApiClient } from '../../kubernetes/api-client';
import { asApiError } from '../../kubernetes/api-error';
import { type Key, type NewObject, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { requestOf, type Command } from '../../nats/commands';
import { ask, SystemError, type SystemAccess } from '../../nats/system-client';
import { clusterLabel } from '../../templates/names';
import { type Api } from './act';
import { kindOf, natsClusterKind, type StoredCluster } from './kind';
import { type Denied } from './plan/denied';
import { type Node, type Pod } from './plan/situation';
import { type Changes } from './plan/step';

/** What acting needs, from the API server and the NATS servers. */
export class ClusterApi implements Api {
  constructor(
    private readonly client: ApiClient,
    /** Told of each object before it is made: its name is taken from then on, by it or by another. */
    private readonly onMake: (object: NewObject) => void = () => undefined,
  ) {}

  pods({ namespace, name }: { readonly namespace: string; readonly name: string }): Promise<Pod[]> {
    return this.client.list<Pod>(kinds.pod, { namespace, labelSelector: `${clusterLabel}=${name}` });
  }

  cluster(key: Key): Promise<StoredCluster | undefined> {
    return this.client.get<StoredCluster>(natsClusterKind, key);
  }

  node(name: string): Promise<Node | undefined> {
    return this.client.get<StoredObject & Node>(kinds.node, { name });
  }

  object(object: StoredObject): Promise<StoredObject | undefined> {
    return this.client.get(kindOf(object), object.metadata);
  }

  async apply(object: NewObject): Promise<void> {
    if (object.metadata.resourceVersion !== undefined) {
      await this.client.apply(kindOf(object), object);
      return;
    }
    this.onMake(object);
    await this.client.applyNew(kindOf(object), object);
  }

  async create(object: NewObject): Promise<void> {
    await this.client.create(kindOf(object), object);
  }

  async relabel(object: StoredObject, labels: Changes, annotations: Changes): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const metadata = { labels, annotations };
    await this.client.mergePatch(kindOf(object), object.metadata, { metadata }, { uid, resourceVersion });
  }

  async delete(object: StoredObject, options?: { readonly graceSeconds: 0 }): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    await this.client.delete(kindOf(object), object.metadata, { uid, resourceVersion }, options);
  }

  async command({ metadata, status }: Pod, command: Command, access: SystemAccess): Promise<Denied | undefined> {
    const ip = status?.podIP;
    if (!ip) return { denial: 'unreachable', words: `pod ${metadata.name} has no address` };
    try {
      await ask({ ip, access }, requestOf(command), this.client.assertMayWrite);
      return undefined;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return { denial: error.denial, words: error.message };
    }
  }

  isStale(error: Error): boolean {
    const { conflict, notFound } = asApiError(error) ?? {};
    return conflict === true || notFound === true;
  }
}
