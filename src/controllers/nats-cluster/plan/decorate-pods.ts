import { decorationAnnotation, recordOf, type Decoration } from '../../../templates/decoration';
import { type Pod } from './situation';
import { doing, type Action, type Changes, type Step } from './step';
import { isAlive, listed, type View } from './survey';

/** Gives running pods the labels and annotations that the spec has now, and takes away those that it had before. */
export function decoratePods({ members, wanted }: View): readonly Step[] {
  if (!wanted) return [];
  const record = recordOf(wanted.decoration);
  const changed = members.flatMap(({ name, pods }) =>
    pods.filter(isAlive).flatMap(({ pod }) => {
      const action = decorate(pod, wanted.decoration, record);
      return action ? [{ name, action }] : [];
    }),
  );
  if (changed.length === 0) return [];
  const because = `labels or annotations of ${listed(changed.map(({ name }) => name))} differed from the spec`;
  return [
    doing(
      'Applying',
      because,
      changed.map(({ action }) => action),
    ),
  ];
}

function decorate(pod: Pod, wanted: Decoration, record: string): Action | undefined {
  // what it had before is of interest only where that is another one
  const known = pod.metadata.annotations?.[decorationAnnotation];
  const before = readRecord(known === record ? undefined : known);
  const labels = changes(pod.metadata.labels, wanted.labels, before.labels);
  const annotations = changes(
    pod.metadata.annotations,
    { ...wanted.annotations, [decorationAnnotation]: record },
    before.annotations,
  );
  if (Object.keys(labels).length + Object.keys(annotations).length === 0) return undefined;
  return { do: 'relabel', object: pod, labels, annotations };
}

function changes(
  live: Readonly<Record<string, string>> = {},
  wanted: Readonly<Record<string, string>>,
  before: readonly string[],
): Changes {
  const set = Object.entries(wanted).filter(([key, value]) => live[key] !== value);
  const removed = before.filter((key) => !(key in wanted) && key in live).map((key) => [key, null] as const);
  return Object.fromEntries([...set, ...removed]);
}

/** What a person may have edited is read with care: without a record nothing is taken away. */
function readRecord(text: string | undefined): { labels: string[]; annotations: string[] } {
  if (text === undefined) return { labels: [], annotations: [] };
  try {
    const { labels, annotations } = JSON.parse(text) as { labels?: unknown; annotations?: unknown };
    return { labels: strings(labels), annotations: strings(annotations) };
  } catch {
    return { labels: [], annotations: [] };
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
