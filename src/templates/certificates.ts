import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { keyIn, tlsContents, tlsFilesOf, type Secrets, type SecretValues, type TlsFiles } from './secrets';

/** A certificate that servers show, in a secret of the user. */
export interface Certificate {
  readonly secret: string;
  /** Key of the secret. */
  readonly key: string;
  /** Where the spec names the secret. */
  readonly field: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** As node and OpenSSL write it: hexadecimal, upper case. */
  readonly serial: string;
}

/** The certificates that a cluster shows on its listeners; those that can't be read are left out. */
export function certificatesOf(cluster: Pick<NatsCluster, 'spec'>, secrets: Secrets): Certificate[] {
  return tlsFilesOf(cluster).flatMap(({ field, files }) => {
    const key = keyIn(secrets, files.secret, files.certificate);
    const certificate = read(secrets.get(files.secret)?.get(key ?? ''));
    if (!key || !certificate) return [];
    const { validFrom, validTo, serialNumber: serial } = certificate;
    const times = { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
    return [{ secret: files.secret, key, field, ...times, serial }];
  });
}

/**
 * Stands for what is in the files of certificates, keys and authorities; undefined where there are none. A key is too long to be
 * guessed from it.
 */
export function certificatesHash(cluster: Pick<NatsCluster, 'spec'>, secrets: Secrets): string | undefined {
  const contents = tlsContents(cluster, secrets);
  if (contents.length === 0) return undefined;
  return createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 16);
}

/**
 * Why a certificate, its key and its authority do not fit together, whatever the time is: a server that reads such files ends, or
 * refuses them when it reloads. Until they fit, nothing is changed: running servers have the old ones in their memory.
 */
export function certificateProblem(files: TlsFiles, values: SecretValues): { wrong: string } | undefined {
  const entry = (file: TlsFiles['ca']) => {
    const key = file.keys.find((name) => values.has(name));
    return key === undefined ? undefined : { key, pem: values.get(key) ?? '' };
  };
  const [certificate, key, authority] = [entry(files.certificate), entry(files.key), entry(files.ca)];
  if (!certificate || !key) return undefined; // what is missing is told elsewhere
  const read_ = read(certificate.pem);
  if (!read_) return { wrong: `has no certificate in PEM under ${certificate.key}: renew it` };
  const secret = readKey(key.pem);
  if (!secret) return { wrong: `has no private key in PEM, without a passphrase, under ${key.key}: renew it` };
  if (!read_.checkPrivateKey(secret)) {
    return {
      wrong: `has a key under ${key.key} that does not belong to the certificate under ${certificate.key}: renew both`,
    };
  }
  if (!authority) return undefined;
  const authorities = all(authority.pem);
  if (authorities.length === 0) return { wrong: `has no certificate in PEM under ${authority.key}: renew it` };
  if (!isTrusted(all(certificate.pem), authorities)) {
    const wrong = `has a certificate under ${certificate.key} that no authority under ${authority.key} has signed: renew it`;
    return { wrong };
  }
  return undefined;
}

/** Whether one of the authorities signed the first certificate, or one of those that come with it. */
function isTrusted(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  const [first, ...others] = chain;
  if (!first) return false;
  if (
    authorities.some((authority) => isSignedBy(first, authority) || first.fingerprint256 === authority.fingerprint256)
  ) {
    return true;
  }
  const next = others.findIndex((other) => isSignedBy(first, other));
  return next >= 0 && isTrusted(others.slice(next), authorities);
}

function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function all(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => read(block) ?? []);
}

function read(pem: string | undefined): X509Certificate | undefined {
  try {
    return new X509Certificate(pem ?? '');
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
