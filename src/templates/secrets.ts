import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { type TlsSpec } from '../resources/nats-cluster/tls';
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

/** The certificate of client connections. */
export function serverTls({ serverSecret: secret, ...tls }: TlsSpec): TlsFiles | undefined {
  if (!secret) return undefined;
  return {
    secret,
    // a certificate of a public authority comes without the authority; it is needed only to verify clients
    ca: { keys: keysOf(tls.serverSecretCAFileName, 'ca.pem', 'ca.crt'), optional: !tls.verify },
    certificate: { keys: keysOf(tls.serverSecretCertFileName, 'server.pem', 'tls.crt'), optional: false },
    key: { keys: keysOf(tls.serverSecretKeyFileName, 'server-key.pem', 'tls.key'), optional: false },
  };
}

/** The certificate of routes; both ends of a route show one, so the authority is always needed. */
export function routesTls({ routesSecret: secret, ...tls }: TlsSpec): TlsFiles | undefined {
  if (!secret) return undefined;
  return {
    secret,
    ca: { keys: keysOf(tls.routesSecretCAFileName, 'ca.pem', 'ca.crt'), optional: false },
    certificate: { keys: keysOf(tls.routesSecretCertFileName, 'route.pem', 'tls.crt'), optional: false },
    key: { keys: keysOf(tls.routesSecretKeyFileName, 'route-key.pem', 'tls.key'), optional: false },
  };
}

/** All secrets of the user that a cluster needs. */
export function secretReferences({ spec }: Pick<NatsCluster, 'spec'>): SecretReference[] {
  const reference = (field: string, files: TlsFiles | undefined): SecretReference[] =>
    files ? [{ secret: files.secret, field, files: [files.ca, files.certificate, files.key] }] : [];
  return [
    ...reference('spec.tls.serverSecret', spec.tls && serverTls(spec.tls)),
    ...reference('spec.tls.routesSecret', spec.tls && routesTls(spec.tls)),
    ...authSecretReferences(spec),
  ];
}

/** The key under which a secret has a file; undefined where it has not. */
export function keyIn(secrets: Secrets, secret: string, file: SecretFile): string | undefined {
  return file.keys.find((key) => secrets.get(secret)?.has(key));
}

function keysOf(named: string | undefined, ...defaults: string[]): string[] {
  return named ? [named] : defaults;
}
