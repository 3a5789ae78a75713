import { waiting, type Step } from './step';
import { type View } from './survey';

/** A paused cluster is left alone. */
export function respectPause({ wanted }: View): readonly Step[] {
  if (!wanted?.paused) return [];
  return [waiting('Paused', 'spec.paused is true: nothing is created, changed or deleted until it is false')];
}
