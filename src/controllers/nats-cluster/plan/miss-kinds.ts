import { trouble, type Step } from './step';
import { type View } from './survey';

/** Seconds after which an API server is asked again for a kind that it did not have: nothing tells when it comes. */
const lookAgain = 30;

/** Says what is left out because the API server does not have its kind. */
export function missKinds({ unserved = [] }: View): readonly Step[] {
  return unserved.map(({ kind, field, provider }) =>
    trouble(
      'KindMissing',
      `${field}: the API server has no kind ${kind}: install ${provider}, or remove the field`,
      lookAgain,
    ),
  );
}
