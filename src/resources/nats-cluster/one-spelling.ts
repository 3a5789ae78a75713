import { defaultServerImage, defaultServerVersion } from '../api';
import { LameDuckSpec } from './lame-duck';
import { type NatsClusterSpec } from './spec';

/**
 * Moves what nats-operator 0.8 spells otherwise to the place that the rest of the operator reads:
 * `version` loses its leading v, and like `serverImage` is the default where it is empty (0.8's own clients wrote it so);
 * `natsConfig.debug` and `trace` count for `logging`; `natsConfig.writeDeadline` is `write_deadline`;
 * `lameDuckDurationSeconds` is `lameDuck.durationSeconds`, with a grace period that fits below it.
 */
export function oneSpelling(spec: NatsClusterSpec): void {
  spec.version = spec.version.replace(/^v/, '') || defaultServerVersion;
  spec.serverImage ||= defaultServerImage;
  const { natsConfig, logging } = spec;
  if (natsConfig) {
    logging.debug ||= natsConfig.debug === true;
    logging.trace ||= natsConfig.trace === true;
    natsConfig.write_deadline ??= natsConfig.writeDeadline;
  }
  // declared as always there, and it is from here on
  spec.lameDuck ??= lameDuckOf(spec.lameDuckDurationSeconds); // eslint-disable-line @typescript-eslint/no-unnecessary-condition
}

function lameDuckOf(durationSeconds: number | undefined): LameDuckSpec {
  const lameDuck = new LameDuckSpec();
  if (durationSeconds !== undefined) {
    lameDuck.durationSeconds = durationSeconds;
    lameDuck.gracePeriodSeconds = Math.max(0, Math.min(lameDuck.gracePeriodSeconds, durationSeconds - 1));
  }
  return lameDuck;
}
