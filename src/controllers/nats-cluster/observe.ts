import { type ApiClient } from '../../kubernetes/api-client';
import { asApiError } from '../../kubernetes/api-error';
import { type Cache } from '../../kubernetes/cache-store';
import { keyText, type NewObject, type StoredObject } from '../../kubernetes/object';
import { has } from '../../nats/capabilities';
import { readJetStream } from '../../nats/jetstream-report';
import { MonitoringError, readGateways, readServer, type MonitoringAddress } from '../../nats/monitoring';
import { shownSerial } from '../../nats/shown-certificate';
import { readTags, SystemError } from '../../nats/system-client';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { kinds, type ResourceKind } from '../../kubernetes/resource-kind';
import { type Problem } from '../../resources/parse';
import { externalAddresses } from '../../templates/external-addresses';
import { besidePredecessors } from '../../templates/predecessor';
import { keyIn, secretReferences, serverTls, type Secrets, type SecretValues } from '../../templates/secrets';
import { unsupported } from '../../templates/unsupported';
import { configIdIn } from '../../templates/nats-conf/config-id';
import { configSecretName } from '../../templates/names';
import { type Named, type NamesTried } from './names-tried';
import { type SystemPasswords } from './system-password';
import { kindOf, type StoredCluster } from './kind';
import { metaGroupAbroad } from './meta-group-abroad';
import { isPredecessor } from './plan/adopt-predecessor';
import { serversToAsk } from './plan/ask-servers';
import { capacitiesOf, classesToRead } from './plan/claims';
import { volumesToRead } from './plan/move-away';
import { newGateways } from './plan/jetstream/guard-gateways';
import { parsedOnce } from './parsed-once';
import { addressesByPod } from './plan/external-addresses';
import { pendingReloads } from './plan/reload-config';
import {
  type Node,
  type Pod,
  type Server,
  type Situation,
  type StorageClass,
  type Volume,
  type Unserved,
  type Wanted,
} from './plan/situation';
import { survey } from './plan/survey';
import { type PodMonitors } from './pod-monitors';
import { type ServiceUsers } from '../nats-service-role/service-users';
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
  readonly secrets: Pick<UserSecrets, 'read'>;
  readonly podMonitors: PodMonitors;
  readonly passwords: SystemPasswords;
  readonly tried: NamesTried;
  readonly serviceUsers: Pick<ServiceUsers, 'of' | 'tokensOf' | 'unmarked'>;
}

/** Gathers all that a plan for this cluster is made from: from caches, the user's secrets and the servers' monitoring ports. */
export async function observe(sight: Sight, cluster: StoredCluster, now: number): Promise<Situation> {
  const parsed = parsedOnce(cluster);
  const problems = parsed.resource ? problemsOf(parsed.resource, sight) : parsed.problems;
  const key = keyText(cluster.metadata);
  const pods = sight.pods.byIndex(byCluster, key);
  const hasOld = pods.some((pod) => isPredecessor(pod, cluster));
  const valid = problems.length === 0 ? parsed.resource : undefined;
  const resource = valid && hasOld ? besidePredecessors(valid) : valid;
  const secrets = resource ? await secretsOf(sight.secrets, resource) : new Map<string, SecretValues>();
  const nodes = sight.nodes && nodesOf(sight.nodes, pods);
  const labelled = sight.objects.flatMap((cache) => cache.byIndex(byCluster, key));
  const objects = resource ? [...labelled, ...(await withoutLabel(sight, resource, labelled))] : labelled;
  const unmarked = await sight.serviceUsers.unmarked(cluster, sight.client);
  const rendered =
    resource &&
    wantedOf(
      resource,
      secrets,
      sight.serviceUsers.of(cluster, unmarked),
      sight.passwords.of(cluster, objects.find(isConfigOf(resource))),
      capacitiesOf(resource, labelled),
      resource.spec.auth?.enableServiceAccounts ? sight.serviceUsers.tokensOf(cluster, unmarked) : undefined,
    );
  const { wanted, unserved } = await served(
    sight.podMonitors,
    rendered && withAddresses(rendered, resource, addressesByPod(pods, nodes ?? new Map())),
  );
  const seen: Situation = {
    now,
    cluster,
    problems,
    wanted,
    pods,
    nodes,
    objects: [...objects, ...(wanted ? await sight.podMonitors.of(cluster, wanted.objects) : [])],
    servers: new Map(),
    unserved,
  };
  const view = survey(seen);
  const asked = serversToAsk(view).pods;
  const tls = resource && monitoringTls(resource, secrets);
  const gateways = newGateways(view).length > 0;
  const [storageClasses, volumes, answers] = await Promise.all([
    readAll<StorageClass>(sight.client, kinds.storageClass, classesToRead(view)),
    readAll<Volume>(sight.client, kinds.volume, volumesToRead(view)),
    Promise.all(asked.map((pod) => ask(pod, { tls, jetStream: wanted?.jetStream ?? false, gateways }))),
  ]);
  const servers = new Map(answers);
  const pending = pendingReloads(view).filter(({ pod }) => asked.includes(pod));
  for (const [uid, server] of await Promise.all(pending.map(({ pod }) => withConfig(pod, servers, wanted)))) {
    if (server) servers.set(uid, server);
  }
  const told = { ...seen, storageClasses, volumes, servers };
  return { ...told, metaGroupAbroad: await metaGroupAbroad({ ...view, ...told }) };
}

/** Which config and which certificate a server has loaded: from the monitoring port where that shows it, else from the server as its system user. */
async function withConfig(
  { metadata: { uid }, status }: Pod,
  servers: ReadonlyMap<string, Server>,
  wanted: Wanted | undefined,
): Promise<[string, Server | undefined]> {
  const server = servers.get(uid);
  const ip = status?.podIP;
  if (!server || server.unknown !== undefined || !ip || !wanted) return [uid, server];
  const serial = wanted.serial === undefined ? undefined : await shownSerial(ip);
  if (server.config === wanted.config || !wanted.access) return [uid, { ...server, serial }];
  try {
    const tags = await readTags({ ip, access: wanted.access }, server.id);
    return [uid, { ...server, serial, config: configIdIn(tags) }];
  } catch (error) {
    // why the operator is not let in is told where it asks for something
    if (error instanceof SystemError) return [uid, server];
    throw error;
  }
}

/** What is wrong with a spec that is valid by its schema. */
function problemsOf(cluster: NatsCluster, { nodes }: Sight): readonly Problem[] {
  const problems = unsupported(cluster);
  if (!cluster.spec.pod?.advertiseExternalIP || nodes) return problems;
  const message = 'needs an operator that may read nodes, without --namespaces: remove the field, or run one that may';
  return [...problems, { field: 'spec.pod.advertiseExternalIP', message }];
}

/** What is wanted, with the secret that tells pods the external address of their node. */
function withAddresses(wanted: Wanted, cluster: NatsCluster, addresses: ReadonlyMap<string, string>): Wanted {
  const secret = externalAddresses(cluster, addresses);
  if (!secret || wanted.missing.length > 0) return wanted;
  return { ...wanted, objects: [...wanted.objects, secret], externalAddresses: addresses };
}

/** What is wanted without what the API server has no kind for. */
async function served(
  podMonitors: PodMonitors,
  wanted: Wanted | undefined,
): Promise<{ wanted?: Wanted; unserved?: Unserved[] }> {
  const { kind } = kinds.podMonitor;
  if (!wanted?.objects.some((object) => object.kind === kind) || (await podMonitors.served())) return { wanted };
  const objects = wanted.objects.filter((object) => object.kind !== kind);
  const provider = 'the Prometheus operator';
  return { wanted: { ...wanted, objects }, unserved: [{ kind, field: 'spec.monitoring.podMonitor', provider }] };
}

function isConfigOf(cluster: NatsCluster): (object: NewObject) => boolean {
  return ({ kind, metadata: { name } }) => kind === kinds.secret.kind && name === configSecretName(cluster);
}

async function secretsOf(secrets: Sight['secrets'], cluster: NatsCluster): Promise<Map<string, SecretValues>> {
  const { namespace } = cluster.metadata;
  const names = [...new Set(secretReferences(cluster).map(({ secret }) => secret))];
  const found = await Promise.all(names.map(async (name) => [name, await secrets.read({ namespace, name })] as const));
  return new Map(found.flatMap(([name, secret]) => (secret ? [[name, secret]] : [])));
}

/** Objects without namespace, by name; undefined where the operator may not look at them. */
async function readAll<T>(
  client: Sight['client'],
  kind: ResourceKind,
  names: readonly string[],
): Promise<ReadonlyMap<string, T | null> | undefined> {
  try {
    const read = async (name: string) => [name, (await client.get<StoredObject & T>(kind, { name })) ?? null] as const;
    return new Map<string, T | null>(await Promise.all(names.map(read)));
  } catch (error) {
    if (asApiError(error)?.forbidden) return undefined;
    throw error;
  }
}

/**
 * Objects under names of ours that the caches don't show: of somebody else, without their label, or made a moment ago. They
 * are asked for where something was to be made under their name; that fails where the name is taken, so nothing is lost by
 * not knowing of the others.
 */
async function withoutLabel(
  { client, tried }: Sight,
  { metadata: cluster }: NatsCluster,
  labelled: readonly StoredObject[],
): Promise<StoredObject[]> {
  const isSame = (a: Named, b: Named) => a.kind === b.kind && a.metadata.name === b.metadata.name;
  tried.forget(cluster, (named) => labelled.some((live) => isSame(live, named)));
  const names = tried.of(cluster);
  const found = await Promise.all(names.map((named) => client.get(kindOf(named), named.metadata)));
  const objects = found.filter((object) => object !== undefined);
  tried.forget(cluster, (named) => names.includes(named) && !objects.some((object) => isSame(object, named)));
  return objects;
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

async function ask(
  pod: Pod,
  { tls, jetStream, gateways }: { tls: MonitoringAddress['tls']; jetStream: boolean; gateways: boolean },
): Promise<[string, Server]> {
  const { uid } = pod.metadata;
  const ip = pod.status?.podIP;
  if (!ip) return [uid, { unknown: 'its pod has no address' }];
  try {
    const address = { ip, tls };
    const [{ tags, ...server }, report, joined] = await Promise.all([
      readServer(address),
      jetStream ? readJetStream(address) : undefined,
      gateways ? readGateways(address) : undefined,
    ]);
    // older servers show for ever what they started with: a config that is taken back would look as if it were loaded
    const config = has(server.version, 'liveTags') ? configIdIn(tags) : undefined;
    return [uid, { ...server, config, ...(report && { jetStream: report }), ...(joined && { gateways: joined }) }];
  } catch (error) {
    if (!(error instanceof MonitoringError)) throw error;
    return [uid, { unknown: error.message }];
  }
}
