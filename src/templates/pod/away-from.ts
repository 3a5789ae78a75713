interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Term {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] };
  };
}

/**
 * Affinity that keeps a pod off these nodes, beside what it has already. By name of the node and not by its host name label,
 * which may differ.
 */
export function awayFrom(affinity: Affinity | undefined, nodes: readonly string[]): Affinity | undefined {
  if (nodes.length === 0) return affinity;
  // a field requirement takes exactly one value
  const others = nodes.map((node) => ({ key: 'metadata.name', operator: 'NotIn', values: [node] }));
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  // any one of the terms is enough for the scheduler, so that each must say it
  const terms = required?.nodeSelectorTerms ?? [{}];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        ...required,
        nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), ...others] })),
      },
    },
  };
}
