interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
}

/** The CRDs as nats-operator 0.8.3 itself writes them when it starts (pkg/util/kubernetes/crd.go): any content, no status subresource. */
export const predecessorCrds = [
  crd({ kind: 'NatsCluster', plural: 'natsclusters', shortNames: ['nats'] }),
  crd({ kind: 'NatsServiceRole', plural: 'natsserviceroles' }),
];

function crd(names: Names) {
  const schema = { openAPIV3Schema: { 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.nats.io` },
    spec: {
      group: 'nats.io',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1alpha2', served: true, storage: true, schema }],
    },
  };
}
