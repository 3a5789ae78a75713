import { stringify } from 'yaml';
import { systemImages } from '../images/archives';
import { dnsAddress } from './layout';

const namespace = 'kube-system';

/** Manifest of what every cluster has beside the control plane: CoreDNS, a default StorageClass, kube-proxy's rights. */
export function addons(): string {
  return [...kubeProxy(), ...coreDns(), ...storage()].map((object) => stringify(object)).join('---\n');
}

function kubeProxy(): object[] {
  return [clusterRoleBinding('kube-proxy', 'system:node-proxier', { kind: 'User', name: 'system:kube-proxy' })];
}

function coreDns(): object[] {
  const labels = { 'k8s-app': 'kube-dns' };
  const read = ['list', 'watch'];
  return [
    serviceAccount('coredns'),
    clusterRole('coredns', [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: read },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
    ]),
    clusterRoleBinding('coredns', 'coredns', { kind: 'ServiceAccount', name: 'coredns', namespace }),
    configMap('coredns', {
      // a short time to live: tests look up what has just appeared
      Corefile:
        '.:53 {\n errors\n health\n ready\n kubernetes cluster.local in-addr.arpa {\n  pods insecure\n  ttl 2\n }\n cache 2\n}\n',
    }),
    deployment('coredns', labels, {
      // DNS must answer as soon as there is one node, even one that is not ready yet
      tolerations: [{ operator: 'Exists' }],
      dnsPolicy: 'Default',
      containers: [
        {
          name: 'coredns',
          image: systemImages.coredns,
          imagePullPolicy: 'Never',
          args: ['-conf', '/etc/coredns/Corefile'],
          readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: ['UDP', 'TCP'].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, port: 53, protocol })),
      },
    },
  ];
}

// The provisioner and the class that kind has. Its volumes are folders of a node, open to every user.
function storage(): object[] {
  const all = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'];
  const name = 'local-path-provisioner';
  return [
    serviceAccount(name),
    clusterRole(name, [
      { apiGroups: [''], resources: ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods/log'], verbs: all },
      { apiGroups: [''], resources: ['persistentvolumes', 'pods', 'events', 'endpoints'], verbs: all },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: all },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: all },
    ]),
    clusterRoleBinding(name, name, { kind: 'ServiceAccount', name, namespace }),
    configMap(name, {
      'config.json': JSON.stringify({
        nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: ['/var/lib/kubelet/volumes'] }],
      }),
      setup: '#!/bin/sh\nset -e\nmkdir -m 0777 -p "$VOL_DIR"\n',
      teardown: '#!/bin/sh\nset -e\nrm -rf "$VOL_DIR"\n',
      'helperPod.yaml': stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'helper-pod' },
        spec: { containers: [{ name: 'helper-pod', image: systemImages.busybox, imagePullPolicy: 'Never' }] },
      }),
    }),
    deployment(
      name,
      { app: name },
      {
        serviceAccountName: name,
        containers: [
          {
            name,
            image: systemImages.provisioner,
            imagePullPolicy: 'Never',
            command: [
              name,
              'start',
              '--config=/etc/config/config.json',
              `--helper-image=${systemImages.busybox}`,
              `--configmap-name=${name}`,
              `--service-account-name=${name}`,
            ],
            env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
            volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name } }],
      },
    ),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
  ];
}

function serviceAccount(name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

function configMap(name: string, data: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function clusterRole(name: string, rules: object[]): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `local:${name}` },
    rules,
  };
}

function clusterRoleBinding(name: string, role: string, subject: object): object {
  const own = role.startsWith('system:') ? role : `local:${role}`;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `local:${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: own },
    subjects: [subject],
  };
}

function deployment(name: string, labels: Record<string, string>, spec: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { serviceAccountName: name, ...spec } },
    },
  };
}
