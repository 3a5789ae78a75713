import { type ApiClient } from '../../kubernetes/api-client';
import { type Cache } from '../../kubernetes/cache-store';
import { keyText, type NewObject, type StoredObject } from '../../kubernetes/object';
import { MonitoringError, readServer, type MonitoringAddress } from '../../nats/monitoring';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { keyIn, secretReferences, serverTls, type Secrets, type SecretValues } from '../../templates/secrets';
import { unsupported } from '../../templates/unsupported';
import { kindOf, type StoredCluster } from './kind';
import { serversToAsk } from './plan/ask-servers';
import { parsedOnce } from './parsed-once';
import { type Node, type Pod, type Server, type Situation } from './plan/situation';
import { survey } from './plan/survey';
import { type UserSecrets } from './user-secrets';
import { wantedOf } from './wanted';

/** The index of caches of what belongs to clusters: `namespace/name` of the cluster that the label names. */
export const byCluster = 'cluster';

/** What the operator sees of the world. */
export interface Sight {
  readonly client: Pick<ApiClient, 'get'>;
  readonly pods: Cache<StoredObject & Pod>;
  /** Undefined where the operator may not look at nodes. */
  readonly nodes?: Cache<StoredObject & Node>;
  /** Everything else that has the label of a cluster. */
  readonly objects: readonly Cache[];
  readonly secrets: UserSecrets;
}

/** Gathers all that a plan for this cluster is made from: from caches, the user's secrets and the servers' monitoring ports. */
export async function observe(sight: Sight, cluster: StoredCluster, now: number): Promise<Situation> {
  const parsed = parsedOnce(cluster);
  const problems = parsed.resource ? unsupported(parsed.resource) : parsed.problems;
  const resource = problems.length === 0 ? parsed.resource : undefined;
  const secrets = resource ? await secretsOf(sight.secrets, resource) : new Map<string, SecretValues>();
  const wanted = resource && wantedOf(resource, secrets);
  const key = keyText(cluster.metadata);
  const pods = sight.pods.byIndex(byCluster, key);
  const labelled = sight.objects.flatMap((cache) => cache.byIndex(byCluster, key));
  const seen: Situation = {
    now,
    cluster,
    problems,
    wanted,
    pods,
    nodes: sight.nodes && nodesOf(sight.nodes, pods),
    objects: [...labelled, ...(await withoutLabel(sight.client, wanted?.objects ?? [], labelled))],
    servers: new Map(),
  };
  const asked = serversToAsk(survey(seen)).pods;
  const tls = resource && monitoringTls(resource, secrets);
  return { ...seen, servers: new Map(await Promise.all(asked.map((pod) => ask(pod, tls)))) };
}

async function secretsOf(secrets: UserSecrets, cluster: NatsCluster): Promise<Map<string, SecretValues>> {
  const { namespace } = cluster.metadata;
  const names = [...new Set(secretReferences(cluster).map(({ secret }) => secret))];
  const found = await Promise.all(names.map(async (name) => [name, await secrets.read({ namespace, name })] as const));
  return new Map(found.flatMap(([name, secret]) => (secret ? [[name, secret]] : [])));
}

/** Objects with the names of ours that the caches don't show: of somebody else, or without their label. */
async function withoutLabel(
  client: Sight['client'],
  wanted: readonly NewObject[],
  labelled: readonly StoredObject[],
): Promise<StoredObject[]> {
  const absent = wanted.filter(
    ({ kind, metadata }) => !labelled.some((live) => live.kind === kind && live.metadata.name === metadata.name),
  );
  const found = await Promise.all(absent.map((object) => client.get(kindOf(object), object.metadata)));
  return found.filter((object) => object !== undefined);
}

function nodesOf(cache: Cache<StoredObject & Node>, pods: readonly Pod[]): Map<string, Node> {
  const names = new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []));
  return new Map(
    [...names].flatMap((name) => {
      const node = cache.get({ name });
      return node ? [[name, node]] : [];
    }),
  );
}

function monitoringTls({ spec }: NatsCluster, secrets: Secrets): MonitoringAddress['tls'] {
  const files = spec.tls?.enableHttps ? serverTls(spec.tls) : undefined;
  if (!files) return undefined;
  const key = keyIn(secrets, files.secret, files.ca);
  return { authority: key === undefined ? undefined : secrets.get(files.secret)?.get(key) };
}

async function ask(pod: Pod, tls: MonitoringAddress['tls']): Promise<[string, Server]> {
  const { uid } = pod.metadata;
  const ip = pod.status?.podIP;
  if (!ip) return [uid, { unknown: 'its pod has no address' }];
  try {
    return [uid, await readServer({ ip, tls })];
  } catch (error) {
    if (!(error instanceof MonitoringError)) throw error;
    return [uid, { unknown: error.message }];
  }
}
