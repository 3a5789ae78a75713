import { type Instant, type Pod } from './situation';
import { type Action } from './step';

/**
 * Annotation of a pod: the config that it was told of, since when, and when last. Any change of a pod makes its kubelet look
 * at mounted secrets at once instead of within a minute.
 */
export const toldAnnotation = 'nats.io/config-told';

export interface Told {
  readonly config: string;
  readonly since: Instant;
  readonly last: Instant;
}

/** Of which config a pod was told, and when. What a person may have edited is read with care. */
export function toldOf({ metadata }: Pod): Told | undefined {
  const [config = '', ...times] = metadata.annotations?.[toldAnnotation]?.split(' ') ?? [];
  const [since = NaN, last = since] = times.map(Date.parse);
  return Number.isNaN(since) || Number.isNaN(last) ? undefined : { config, since, last };
}

/** What the annotation says of it. */
export function recordOfTold({ config, since, last }: Told): string {
  return [config, ...[since, last].map((time) => new Date(time).toISOString())].join(' ');
}

/** Tells a pod, and its kubelet with it, of a config. */
export function tell(pod: Pod, told: Told): Action {
  return { do: 'relabel', object: pod, labels: {}, annotations: { [toldAnnotation]: recordOfTold(told) } };
}
