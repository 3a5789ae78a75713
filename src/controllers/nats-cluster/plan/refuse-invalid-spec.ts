import { type Step } from './step';
import { type View } from './survey';

/** A spec that the operator does not understand changes nothing: whatever runs goes on as it is. */
export function refuseInvalidSpec({ problems }: View): readonly Step[] {
  if (problems.length === 0) return [];
  const because = problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return [
    { topic: 'ConfigValid', reason: 'Invalid', because: `${because}. Nothing is changed until then`, actions: [] },
  ];
}
