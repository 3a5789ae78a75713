import { type SecretValues } from '../secrets';

/** A user's secret with those keys, whose values don't matter. */
export function aSecret(...keys: readonly string[]): SecretValues {
  return new Map(keys.map((key) => [key, `value of ${key}`]));
}
