import { type MissingSecret } from './situation';
import { trouble, type Step } from './step';
import { type View } from './survey';

/** Without a secret that the spec refers to, whole and usable, nothing is changed. The operator goes on by itself when it is there. */
export function waitForSecrets({ cluster, wanted }: View): readonly Step[] {
  return (wanted?.missing ?? []).map((missing) => {
    const because = whatIsMissing(missing, cluster.metadata);
    return missing.wrong === undefined
      ? trouble('SecretMissing', because)
      : trouble('SecretInvalid', `${because}. Nothing is changed until then`);
  });
}

/** What is wrong with a secret, and the cure. */
export function whatIsMissing(
  { secret, key, field, wrong }: MissingSecret,
  { namespace }: { readonly namespace: string },
): string {
  if (wrong !== undefined) return `secret ${secret}, which ${field} refers to, ${wrong}`;
  const what = key === undefined ? `secret ${secret} does not exist` : `secret ${secret} has no key ${key}`;
  return `${what}, which ${field} refers to: ${key === undefined ? 'create it' : 'add it'} in namespace ${namespace}`;
}
