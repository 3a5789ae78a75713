import { has } from '../../nats/capabilities';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Block } from './nats-conf';

/** The server refuses less (server/opts.go, lame_duck_duration). nats-operator 0.8 let it be written. */
const shortestSeconds = 30;

/** How a server says good-bye to its clients. */
export function lameDuck({ lameDuck: { durationSeconds, gracePeriodSeconds }, version }: NatsClusterSpec): Block {
  const duration = lameDuckSeconds(durationSeconds);
  return {
    lame_duck_duration: has(version, 'lameDuck') ? `${duration}s` : undefined,
    lame_duck_grace_period: has(version, 'lameDuckGracePeriod')
      ? `${Math.min(gracePeriodSeconds, duration - 1)}s`
      : undefined,
  };
}

/** How long a server takes to go, in seconds. */
export function lameDuckSeconds(durationSeconds: number): number {
  return Math.max(shortestSeconds, durationSeconds);
}
