import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 24 * 60 * 60 * 1000;

/** A certificate with its private key, both as PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** Whom a certificate is for. */
export interface Subject {
  commonName: string;
  /** Kubernetes reads an organization of a client certificate as a group. */
  organization?: string;
  /** DNS names and IP addresses of a server. */
  names?: string[];
  /** Default: from yesterday on for a year. */
  validity?: { from: Date; to: Date };
}

/** A certificate authority that lives in memory and in a folder's files as the caller likes. */
export class CertificateAuthority {
  private constructor(
    private readonly root: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
    /** The authority's own certificate and key. */
    readonly pair: KeyPair,
  ) {}

  /** Makes a new authority. */
  static async create(commonName: string): Promise<CertificateAuthority> {
    const keys = await newKeys();
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name: nameOf({ commonName }),
      ...validityOf(),
      keys: keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(root, keys, { certificate: root.toString('pem'), key: await pem(keys) });
  }

  /** Issues a certificate for clients and servers alike. */
  async issue({ names = [], validity, ...subject }: Subject): Promise<KeyPair> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: nameOf(subject),
      issuer: this.root.subject,
      ...validityOf(validity),
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map(alternativeName))] : []),
      ],
    });
    return { certificate: certificate.toString('pem'), key: await pem(keys) };
  }
}

/** An RSA key pair as PEM, to sign and check service account tokens with. */
export function serviceAccountKeys(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function pem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}

function nameOf({ commonName, organization }: Subject): x509.JsonName {
  return [{ CN: [commonName] }, ...(organization ? [{ O: [organization] }] : [])];
}

function validityOf(validity = { from: new Date(Date.now() - day), to: new Date(Date.now() + 365 * day) }) {
  return { notBefore: validity.from, notAfter: validity.to };
}

function alternativeName(value: string): x509.JsonGeneralName {
  return { type: isIP(value) ? 'ip' : 'dns', value };
}

// RFC 5280: positive, at most 20 octets
function serial(): string {
  return `00${randomBytes(16).toString('hex')}`;
}
