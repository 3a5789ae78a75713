import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { memberClaim } from '../../templates/claim';
import { clientService } from '../../templates/client-service';
import { configSecret } from '../../templates/config-secret';
import { disruptionBudget } from '../../templates/disruption-budget';
import { clientUrl, selectorLabels } from '../../templates/names';
import { type ServiceUser } from '../../templates/nats-conf/service-users';
import { networkPolicy } from '../../templates/network-policy';
import { podMonitor } from '../../templates/pod-monitor';
import { memberPod } from '../../templates/pod/pod';
import { restartHash, routesHash } from '../../templates/restart-hash';
import { managementService } from '../../templates/management-service';
import { keepsManagementService } from '../../templates/predecessor';
import { routesService } from '../../templates/routes-service';
import { keyIn, secretReferences, type Secrets } from '../../templates/secrets';
import { decorationAnnotation, recordOf, type Decoration } from '../../templates/decoration';
import { stamped } from '../../templates/stamp';
import { type MissingSecret, type Wanted } from './plan/situation';

/**
 * What a valid cluster asks for, given the user's secrets that it refers to and the users made from service accounts. Pure:
 * all from the templates.
 */
export function wantedOf(cluster: NatsCluster, secrets: Secrets, serviceUsers: readonly ServiceUser[] = []): Wanted {
  const { spec } = cluster;
  const { maxUnavailable, pauseBetweenMembersSeconds, healthTimeoutSeconds } = spec.updateStrategy;
  const missing = missingSecrets(cluster, secrets);
  const decoration = decorationOf(cluster);
  const storage = spec.jetstream?.fileStorage;
  return {
    size: spec.size,
    version: spec.version,
    image: `${spec.serverImage}:${spec.version}`,
    clientUrl: clientUrl(cluster),
    selector: Object.entries(selectorLabels(cluster))
      .map((label) => label.join('='))
      .join(','),
    paused: spec.paused ?? false,
    // one at a time: each stream and the group of the servers must keep a majority
    maxUnavailable: spec.jetstream ? 1 : maxUnavailable,
    pauseBetweenMembersSeconds,
    healthTimeoutSeconds,
    jetStream: spec.jetstream !== undefined,
    storage: spec.jetstream !== undefined,
    missing,
    objects: missing.length > 0 ? [] : objectsOf(cluster, secrets, serviceUsers),
    restartHash: restartHash(spec),
    routes: routesHash(spec),
    decoration,
    claim: storage && ((ordinal) => memberClaim(cluster, ordinal, storage)),
    dropClaims: storage?.retention?.whenScaled === 'Delete',
    pod: (ordinal, name) => decorated(memberPod(cluster, ordinal, name, secrets), decoration),
  };
}

function objectsOf(cluster: NatsCluster, secrets: Secrets, serviceUsers: readonly ServiceUser[]) {
  const optional = [disruptionBudget(cluster), networkPolicy(cluster), podMonitor(cluster)];
  return [
    ...[configSecret(cluster, secrets, serviceUsers), stamped(clientService(cluster)), stamped(routesService(cluster))],
    ...(keepsManagementService(cluster) ? [stamped(managementService(cluster))] : []),
    ...optional.filter((object) => object !== undefined).map(stamped),
  ];
}

function missingSecrets(cluster: NatsCluster, secrets: Secrets): MissingSecret[] {
  const absentSecrets = new Set<string>();
  return secretReferences(cluster).flatMap(({ secret, field, files, problem }): MissingSecret[] => {
    const values = secrets.get(secret);
    if (!values) {
      const isSaid = absentSecrets.has(secret); // of a secret that many refer to once is enough
      absentSecrets.add(secret);
      return isSaid ? [] : [{ secret, field }];
    }
    const absent = files.filter((file) => !file.optional && keyIn(secrets, secret, file) === undefined);
    if (absent.length > 0) return absent.map(({ keys }) => ({ secret, field, key: keys.join(' or ') }));
    const found = problem?.(values);
    return found ? [{ secret, field, wrong: found.wrong }] : [];
  });
}

/** The labels and annotations that come from the spec, as they are on a pod: where ours has the same key, ours wins. */
function decorationOf(cluster: NatsCluster): Decoration {
  const { template, pod } = cluster.spec;
  const { metadata } = memberPod(cluster, 0, 'any');
  const picked = (from: Readonly<Record<string, string>>, ...given: (object | undefined)[]) => {
    const keys = new Set(given.flatMap((map) => Object.keys(map ?? {})));
    return Object.fromEntries(Object.entries(from).filter(([key]) => keys.has(key)));
  };
  return {
    labels: picked(metadata.labels, template?.metadata?.labels, pod?.labels),
    annotations: picked(metadata.annotations, template?.metadata?.annotations, pod?.annotations),
  };
}

function decorated(pod: ReturnType<typeof memberPod>, decoration: Decoration) {
  const annotations = { ...pod.metadata.annotations, [decorationAnnotation]: recordOf(decoration) };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}
