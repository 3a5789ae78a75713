import { stringify } from 'yaml';
import { type KeyPair } from './certificates';

/** A kubeconfig that reaches one API server as one user, with everything it needs inside. */
export function kubeconfig(server: string, authority: string, user: KeyPair | { token: string }): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const credentials =
    'token' in user
      ? user
      : { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'user', user: credentials }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'user' } }],
    'current-context': 'local',
  });
}
