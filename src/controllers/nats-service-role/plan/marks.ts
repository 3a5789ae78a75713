import { tokenSecretMarks } from '../../../templates/token-secret';
import { type TokenSecret } from './situation';

/** Whether a Secret says whose it is, in full: one of nats-operator 0.8 does not. */
export function isMarked({ metadata }: TokenSecret, of: Parameters<typeof tokenSecretMarks>[0]): boolean {
  const { labels, annotations } = tokenSecretMarks(of);
  return has(metadata.labels, labels) && has(metadata.annotations, annotations);
}

function has(live: Readonly<Record<string, string>> = {}, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => live[key] === value);
}
