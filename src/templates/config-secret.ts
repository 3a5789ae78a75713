import { has } from '../nats/capabilities';
import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { configSecretName, gatewaysAnnotation, selectorLabels, type Named } from './names';
import { gatewaysToGuard } from './nats-conf/gateway';
import { type NatsConf } from './nats-conf/nats-conf';
import { owned } from './owned';

/** Key of the secret and name of the mounted file. */
export const configFile = 'nats.conf';

/** Key of the secret: the config before, while a new one is on its way to the members. */
export const previousFile = 'previous.conf';

/** Annotation of the secret: the config that a server refused, and in which words, while the one before is in its place. */
export const refusedAnnotation = 'nats.io/refused-config';

/**
 * Key of the secret and name of the mounted file that adds a member's name to the shared config. A name that comes with the
 * flag `--name` is forgotten at a reload, which the server then refuses: "not supported for ServerName" (reload.go).
 */
export const memberFile = 'member.conf';

/** Variable of the container's environment, from which the server takes its name: in quotes, as it is parsed as config. */
export const serverNameVariable = 'NATS_SERVER_NAME';

/** Keys of the secret: the password of the operator's user in the system account, and the one that it had before. */
export const passwordKeys = { now: 'system-password', before: 'system-password-before' } as const;

/** Annotation of the secret: what `rotateAnnotation` of the cluster said when the password was made. */
export const rotatedAnnotation = 'nats.io/system-password-rotated';

/** The password of the operator's user in the system account. */
export interface SystemPassword {
  readonly now: string;
  /** The one before, which servers know until they have loaded the new one. */
  readonly before?: string;
  /** On whose demand it was made, if on any. */
  readonly rotation?: string;
}

/** The secret with the configuration of all members, as it was rendered, and with the password of the operator's own user. */
export function configSecret(cluster: NatsCluster, conf: NatsConf, password?: SystemPassword) {
  const { now, before, rotation } = password ?? {};
  const gateways = gatewaysToGuard(cluster);
  const annotations = {
    ...(rotation && { [rotatedAnnotation]: rotation }),
    ...(gateways && { [gatewaysAnnotation]: gateways.join() }),
  };
  const passwords =
    // of no user, it is still what the id of the config is made with
    conf.id !== undefined && now !== undefined
      ? { [passwordKeys.now]: base64(now), ...(before && { [passwordKeys.before]: base64(before) }) }
      : {};
  const memberConf = `server_name: $${serverNameVariable}\ninclude '${configFile}'\n`;
  const member = has(cluster.spec.version, 'reload') ? { [memberFile]: base64(memberConf) } : {};
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: configSecretName(cluster),
      labels: selectorLabels(cluster),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    type: 'Opaque',
    data: { [configFile]: base64(conf.text), ...member, ...passwords },
  });
}

/** Whether an object is the config secret of a cluster. */
export function isConfigSecret(
  { kind, metadata: { name } }: { readonly kind: string; readonly metadata: { readonly name: string } },
  cluster: Named,
): boolean {
  return kind === 'Secret' && name === configSecretName(cluster);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
