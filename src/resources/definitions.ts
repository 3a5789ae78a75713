import { natsClusterNames, natsServiceRoleNames } from './api';
import { NatsCluster } from './nats-cluster/nats-cluster';
import { NatsServiceRole } from './nats-service-role/nats-service-role';
import { type ResourceDefinition } from './schema/crd';

const age = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the resource was created.',
} as const;

/** All our custom resources. */
export const definitions: readonly ResourceDefinition[] = [
  {
    type: NatsCluster,
    names: natsClusterNames,
    subresources: {
      status: {},
      scale: {
        specReplicasPath: '.spec.size',
        statusReplicasPath: '.status.size',
        labelSelectorPath: '.status.selector',
      },
    },
    columns: [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'Members wanted.' },
      { name: 'Ready', type: 'integer', jsonPath: '.status.readyMembers', description: 'Members that are ready.' },
      {
        name: 'Version',
        type: 'string',
        jsonPath: '.status.currentVersion',
        description: 'Version that the members run.',
      },
      { name: 'Status', type: 'string', jsonPath: '.status.phase', description: 'Creating, Running or Failed.' },
      age,
      {
        name: 'Target',
        type: 'string',
        jsonPath: '.status.targetVersion',
        description: 'Version that the members are to run.',
        wide: true,
      },
      {
        name: 'URL',
        type: 'string',
        jsonPath: '.status.clientUrl',
        description: 'URL for clients in the cluster.',
        wide: true,
      },
      {
        name: 'Reason',
        type: 'string',
        jsonPath: '.status.reason',
        description: 'What is happening.',
        wide: true,
      },
    ],
  },
  {
    type: NatsServiceRole,
    names: natsServiceRoleNames,
    subresources: { status: {} },
    columns: [
      {
        name: 'Cluster',
        type: 'string',
        jsonPath: '.metadata.labels.nats_cluster',
        description: 'Cluster that the role is for.',
      },
      {
        name: 'Ready',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        description: 'Whether every service account of the role has its user.',
      },
      age,
      {
        name: 'Reason',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].message',
        description: 'What is happening.',
        wide: true,
      },
    ],
  },
];
