import { trouble, type Step } from './step';
import { type View } from './survey';

/** Without a secret that the spec refers to, whole and usable, nothing is changed. The operator goes on by itself when it is there. */
export function waitForSecrets({ cluster, wanted }: View): readonly Step[] {
  return (wanted?.missing ?? []).map(({ secret, key, field, wrong }) => {
    if (wrong !== undefined) {
      return trouble(
        'SecretInvalid',
        `secret ${secret}, which ${field} refers to, ${wrong}. Nothing is changed until then`,
      );
    }
    const what = key === undefined ? `secret ${secret} does not exist` : `secret ${secret} has no key ${key}`;
    const cure = key === undefined ? 'create it' : 'add it';
    const because = `${what}, which ${field} refers to: ${cure} in namespace ${cluster.metadata.namespace}`;
    return trouble('SecretMissing', because);
  });
}
