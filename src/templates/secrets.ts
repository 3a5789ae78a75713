import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { type SecretKey } from '../resources/nats-cluster/secret-key';
import { type TlsSpec } from '../resources/nats-cluster/tls';
import { certificateProblem } from './certificates';
import { authSecretReferences } from './auth-secrets/references';

/** What a secret holds: decoded values by key. They go into the config secret and nowhere else: never into a log, a status or an event. */
export type SecretValues = ReadonlyMap<string, string>;

/** The user's secrets that a cluster refers to, by name. */
export type Secrets = ReadonlyMap<string, SecretValues>;

/** A file that must be in a secret, under the first of these keys that is there. */
export interface SecretFile {
  readonly keys: readonly string[];
  /** Whether the cluster works without it. */
  readonly optional: boolean;
}

/** A secret of the user that the spec refers to. */
export interface SecretReference {
  readonly secret: string;
  /** Where the spec names it. */
  readonly field: string;
  readonly files: readonly SecretFile[];
  /** Why what is in the secret can't be used: the end of the sentence "secret s ...", with the cure and without values. */
  readonly problem?: (values: SecretValues) => { readonly wrong: string } | undefined;
}

/** Files of a TLS listener in its secret. */
export interface TlsFiles {
  readonly secret: string;
  readonly ca: SecretFile;
  readonly certificate: SecretFile;
  readonly key: SecretFile;
}

/** The certificate of client connections. A public authority's comes without the authority, which only verifying clients needs. */
export function serverTls(tls: TlsSpec): TlsFiles | undefined {
  return filesOf(tls, 'server', 'server', tls.verify === true);
}

/** The certificate of routes; both ends of a route show one, so the authority is always needed. */
export function routesTls(tls: TlsSpec): TlsFiles | undefined {
  return filesOf(tls, 'routes', 'route', true);
}

/** The certificate of gateways; as with routes both ends show one. */
export function gatewayTls(tls: TlsSpec): TlsFiles | undefined {
  return filesOf(tls, 'gateway', 'server', true);
}

/** The certificate that leaf nodes see. */
export function leafnodeTls(tls: TlsSpec): TlsFiles | undefined {
  return filesOf(tls, 'leafnode', 'server', false);
}

/** The certificate of websockets. */
export function websocketTls(tls: TlsSpec): TlsFiles | undefined {
  return filesOf(tls, 'websocket', 'server', false);
}

/** The certificate of MQTT connections. */
export function mqttTls(tls: TlsSpec): TlsFiles | undefined {
  return filesOf(tls, 'mqtt', 'server', false);
}

type TlsListener = 'server' | 'routes' | 'gateway' | 'leafnode' | 'websocket' | 'mqtt';

/** Files named by the spec, else as nats-operator 0.8 called them (`<prefix>.pem`), else as in a kubernetes.io/tls secret. */
function filesOf(tls: TlsSpec, of: TlsListener, prefix: string, authority: boolean): TlsFiles | undefined {
  const secret = tls[`${of}Secret`];
  if (!secret) return undefined;
  return {
    secret,
    ca: { keys: keysOf(tls[`${of}SecretCAFileName`], 'ca.pem', 'ca.crt'), optional: !authority },
    certificate: { keys: keysOf(tls[`${of}SecretCertFileName`], `${prefix}.pem`, 'tls.crt'), optional: false },
    key: { keys: keysOf(tls[`${of}SecretKeyFileName`], `${prefix}-key.pem`, 'tls.key'), optional: false },
  };
}

/** All secrets of the user that a cluster needs. */
export function secretReferences({ spec }: Pick<NatsCluster, 'spec'>): SecretReference[] {
  const oneKey = (field: string, of: SecretKey | undefined): SecretReference[] =>
    of ? [{ secret: of.name, field, files: [{ keys: [of.key], optional: false }] }] : [];
  const encryption = spec.jetstream?.encryption;
  return [
    ...tlsFilesOf({ spec }).map(({ field, files }) => ({
      secret: files.secret,
      field,
      files: [files.ca, files.certificate, files.key],
      problem: (values: SecretValues) => certificateProblem(files, values),
    })),
    ...leafnodeCredentials(spec),
    ...authSecretReferences(spec),
    ...oneKey('spec.jetstream.encryption.keySecret', encryption?.keySecret),
    ...oneKey('spec.jetstream.encryption.previousKeySecret', encryption?.previousKeySecret),
  ];
}

/** The certificates that a cluster shows, with the fields that name their secrets. */
export function tlsFilesOf({ spec }: Pick<NatsCluster, 'spec'>): { field: string; files: TlsFiles }[] {
  const { tls, gatewayConfig, leafnodeConfig, websocketConfig, mqtt } = spec;
  const reference = (field: string, files: TlsFiles | undefined) => (files ? [{ field, files }] : []);
  return [
    ...reference('spec.tls.serverSecret', tls && serverTls(tls)),
    ...reference('spec.tls.routesSecret', tls && routesTls(tls)),
    // a secret without its listener is not used, and not waited for
    ...reference('spec.tls.gatewaySecret', gatewayConfig && tls && gatewayTls(tls)),
    ...reference('spec.tls.leafnodeSecret', leafnodeConfig && tls && leafnodeTls(tls)),
    ...reference('spec.tls.websocketSecret', websocketConfig && tls && websocketTls(tls)),
    ...reference('spec.tls.mqttSecret', mqtt && tls && mqttTls(tls)),
  ];
}

/** What is in the files of certificates, keys and authorities, in one order; empty where there is no such file. */
export function tlsContents(cluster: Pick<NatsCluster, 'spec'>, secrets: Secrets): string[] {
  return tlsFilesOf(cluster).flatMap(({ files: { secret, ca, certificate, key } }) =>
    [ca, certificate, key].map((file) => secrets.get(secret)?.get(keyIn(secrets, secret, file) ?? '') ?? ''),
  );
}

/** The secrets with the credentials that this cluster shows as a leaf node. */
export function leafnodeCredentials({ leafnodeConfig }: NatsCluster['spec']): SecretReference[] {
  return (leafnodeConfig?.remotes ?? []).flatMap(({ credentialsSecret }, index) => {
    if (!credentialsSecret) return [];
    const { name, key } = credentialsSecret;
    const field = `spec.leafnodeConfig.remotes[${index}].credentialsSecret`;
    return [{ secret: name, field, files: [{ keys: [key], optional: false }] }];
  });
}

/** The key under which a secret has a file; undefined where it has not. */
export function keyIn(secrets: Secrets, secret: string, file: SecretFile): string | undefined {
  return file.keys.find((key) => secrets.get(secret)?.has(key));
}

function keysOf(named: string | undefined, ...defaults: string[]): string[] {
  return named ? [named] : defaults;
}
