import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { requestsOf } from '../../resources/nats-cluster/requests';
import { certificatesHash, certificatesOf } from '../../templates/certificates';
import { memberClaim } from '../../templates/claim';
import { clientService } from '../../templates/client-service';
import { type SystemAccess } from '../../nats/system-client';
import { fingerprint } from '../../templates/auth-secrets/fingerprint';
import { expiryOf } from '../../templates/auth-secrets/jwt';
import { systemUserField } from '../../templates/auth-secrets/references';
import { configSecret, type SystemPassword } from '../../templates/config-secret';
import { disruptionBudget } from '../../templates/disruption-budget';
import {
  certificatesAnnotation,
  clientUrl,
  configAnnotation,
  encryptionAnnotation,
  gatewaysAnnotation,
  restartHashAnnotation,
  routesAnnotation,
  routesTlsAnnotation,
  secretsAnnotation,
  selectorLabels,
} from '../../templates/names';
import { encryptionOf } from '../../templates/encryption';
import { renderedConf, systemCredentials, type NatsConf } from '../../templates/nats-conf/nats-conf';
import { gatewaysToGuard } from '../../templates/nats-conf/gateway';
import { streamsOf } from '../../templates/nats-conf/jetstream';
import { systemUser as systemUserName } from '../../templates/nats-conf/system-account';
import { type ServiceUser } from '../../templates/nats-conf/service-users';
import { networkPolicy } from '../../templates/network-policy';
import { podMonitor } from '../../templates/pod-monitor';
import { memberPod } from '../../templates/pod/pod';
import { restartHash, routesHash } from '../../templates/restart-hash';
import { managementService } from '../../templates/management-service';
import { keepsManagementService } from '../../templates/predecessor';
import { routeCertificateProblem } from '../../templates/predecessor-certificate';
import { routesService } from '../../templates/routes-service';
import { keyIn, secretReferences, serverTls, type Secrets } from '../../templates/secrets';
import { decorationAnnotation, recordOf, type Decoration } from '../../templates/decoration';
import { stamped } from '../../templates/stamp';
import { withinClaims } from '../../templates/within-claims';
import { type MissingSecret, type SystemUser, type Wanted } from './plan/situation';

/**
 * What a valid cluster asks for, given the user's secrets that it refers to, the users made from service accounts,
 * the password of the operator's user in the system account, without which there is no such user, and the bytes that the
 * volumes of its members have, and what stands for the tokens of those users. Pure: all from the templates.
 */
export function wantedOf(
  cluster: NatsCluster,
  secrets: Secrets,
  serviceUsers: readonly ServiceUser[] = [],
  password?: SystemPassword,
  capacities: readonly number[] = [],
  serviceTokens?: string,
): Wanted {
  const { spec } = cluster;
  const { maxUnavailable, pauseBetweenMembersSeconds, healthTimeoutSeconds } = spec.updateStrategy;
  const certificate = routeCertificateProblem(cluster, secrets);
  const found = missingSecrets(cluster, secrets);
  const missing = [...found.filter(({ field }) => field !== systemUserField), ...(certificate ? [certificate] : [])];
  const decoration = decorationOf(cluster);
  const conf =
    missing.length > 0
      ? undefined
      : renderedConf(withinClaims(cluster, capacities), secrets, serviceUsers, password?.now);
  const certificates = certificatesOf(cluster, secrets);
  const systemUser = conf?.id === undefined || conf.hasUser ? undefined : systemUserOf(cluster, secrets, found);
  const wholeHash = restartHash(spec, false);
  const hash = conf?.id === undefined ? wholeHash : restartHash(spec, true);
  // of secrets that are not all there nothing is known
  const restartUsers = spec.auth?.enableServiceAccounts && !spec.pod?.enableConfigReload ? serviceUsers : undefined;
  const wholeSecrets = conf && conf.id === undefined ? fingerprint(cluster, secrets, 'all', restartUsers) : undefined;
  const restartSecrets = conf && fingerprint(cluster, secrets, 'restart');
  const routes = routesHash(spec) + ((conf && fingerprint(cluster, secrets, 'routes')) ?? '');
  const routesTls = spec.tls?.routesSecret ? 'on' : 'off';
  const ofSecrets = wholeSecrets ?? restartSecrets;
  const encryption = conf && encryptionOf(cluster, secrets);
  // a sidecar tells servers to read them again
  const files = conf && !spec.pod?.enableConfigReload ? certificatesHash(cluster, secrets) : undefined;
  const gateways = gatewaysToGuard(cluster);
  const made = {
    [restartHashAnnotation]: hash,
    [routesAnnotation]: routes,
    [routesTlsAnnotation]: routesTls,
    ...(ofSecrets !== undefined && { [secretsAnnotation]: ofSecrets }),
    ...(encryption && { [encryptionAnnotation]: encryption.now }),
    ...(gateways && { [gatewaysAnnotation]: gateways.join() }),
    ...(conf?.id !== undefined && { [configAnnotation]: conf.id }),
    ...(conf?.id === undefined && files !== undefined && { [certificatesAnnotation]: files }),
  };
  const storage = spec.jetstream?.fileStorage;
  return {
    size: spec.size,
    version: spec.version,
    image: `${spec.serverImage}:${spec.version}`,
    clientUrl: clientUrl(cluster),
    selector: Object.entries(selectorLabels(cluster))
      .map((label) => label.join('='))
      .join(','),
    paused: (spec.paused ?? false) || requestsOf(cluster.metadata).paused,
    // one at a time: each stream and the group of the servers must keep a majority
    maxUnavailable: spec.jetstream ? 1 : maxUnavailable,
    pauseBetweenMembersSeconds,
    healthTimeoutSeconds,
    jetStream: spec.jetstream !== undefined,
    streamsOf: streamsOf(spec),
    gateways,
    storage: spec.jetstream !== undefined,
    missing,
    objects: conf ? objectsOf(cluster, conf, password) : [],
    restartHash: hash,
    wholeHash,
    secrets: restartSecrets,
    wholeSecrets,
    config: conf?.id,
    serviceTokens: conf && serviceTokens,
    certificates,
    certificatesHash: files,
    serial: certificates.find(({ field }) => field === 'spec.tls.serverSecret')?.serial,
    access: conf?.id === undefined || !password ? undefined : accessOf(cluster, secrets, password, systemUser),
    systemUser,
    encryption,
    routes,
    routesTls,
    decoration,
    claim: storage && ((ordinal) => memberClaim(cluster, ordinal, storage)),
    dropClaims: storage?.retention?.whenScaled === 'Delete',
    pod: (ordinal, name) => decorated(memberPod(cluster, ordinal, name, secrets), decoration, made),
  };
}

function objectsOf(cluster: NatsCluster, conf: NatsConf, password?: SystemPassword) {
  const management = keepsManagementService(cluster) ? managementService(cluster) : undefined;
  const optional = [management, disruptionBudget(cluster), networkPolicy(cluster), podMonitor(cluster)];
  return [
    ...[configSecret(cluster, conf, password), stamped(clientService(cluster)), stamped(routesService(cluster))],
    ...optional.filter((object) => object !== undefined).map(stamped),
  ];
}

function accessOf(
  cluster: NatsCluster,
  secrets: Secrets,
  { now, before }: SystemPassword,
  byJwt: SystemUser | undefined,
): SystemAccess {
  const passwords = before === undefined ? [now] : [now, before];
  const creds = byJwt?.missing ? undefined : systemCredentials(cluster, secrets);
  return {
    credentials: byJwt
      ? [creds].flatMap((content) => (content === undefined ? [] : [{ creds: content }]))
      : passwords.map((password) => ({ user: systemUserName, password })),
    tls: accessTls(cluster, secrets),
  };
}

/** What is known of credentials without asking a server. */
function systemUserOf(cluster: NatsCluster, secrets: Secrets, found: readonly MissingSecret[]): SystemUser {
  const creds = systemCredentials(cluster, secrets);
  return {
    missing: found.find(({ field }) => field === systemUserField),
    expires: creds === undefined ? undefined : expiryOf(creds),
  };
}

/** Servers that ask for a certificate are shown their own. */
function accessTls({ spec: { tls } }: NatsCluster, secrets: Secrets): SystemAccess['tls'] {
  const files = tls && serverTls(tls);
  if (!files) return undefined;
  const content = (file: (typeof files)['ca']) =>
    secrets.get(files.secret)?.get(keyIn(secrets, files.secret, file) ?? '');
  const own = tls.verify ? { certificate: content(files.certificate), key: content(files.key) } : {};
  return { authority: content(files.ca), ...own };
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

/** The pod with what it was made from written on it. */
function decorated(pod: ReturnType<typeof memberPod>, decoration: Decoration, made: Record<string, string>) {
  const annotations = { ...pod.metadata.annotations, ...made, [decorationAnnotation]: recordOf(decoration) };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}
