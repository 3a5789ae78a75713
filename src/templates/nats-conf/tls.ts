import { keyIn, type Secrets, type TlsFiles } from '../secrets';
import { type Block } from './nats-conf';

/** Where secrets are mounted in the server's container, as nats-operator 0.8 did. */
export const mountFolders = {
  server: '/etc/nats-server-tls-certs',
  routes: '/etc/nats-routes-tls-certs',
  gateway: '/etc/nats-gateways-tls-certs',
  leafnode: '/etc/nats-leafnodes-tls-certs',
  websocket: '/etc/nats-websocket-tls-certs',
  mqtt: '/etc/nats-mqtt-tls-certs',
} as const;

/** Certificate, key and authority of a listener, under the names that they have in the secret. */
export function tlsBlock(folder: string, files: TlsFiles, secrets: Secrets, rest: Block): Block {
  const path = (file: TlsFiles['ca']) => {
    const key = keyIn(secrets, files.secret, file);
    if (key) return `${folder}/${key}`;
    // the plan waits until it is there, so this is a bug, and a server without TLS would be worse
    if (!file.optional) throw new Error(`secret ${files.secret} has none of ${file.keys.join(', ')}`);
    return undefined;
  };
  return { cert_file: path(files.certificate), key_file: path(files.key), ca_file: path(files.ca), ...rest };
}
