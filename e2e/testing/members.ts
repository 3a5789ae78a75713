import { type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { patientlyConnect } from '../../src/nats/testing/patiently-connect';
import { type NatsClusters } from './nats-clusters';
import { forwarded } from './port-forward';

/** Lends a way to connect to a member; the connections end when `use` does. */
export async function onMember<T>(
  clusters: NatsClusters,
  [name, ordinal]: [name: string, ordinal: number],
  use: (client: (options: ConnectionOptions) => Promise<NatsConnection>) => Promise<T>,
): Promise<T> {
  const member = (await clusters.members(name)).find(
    ({ metadata }) => metadata.labels['nats.io/member'] === String(ordinal),
  );
  if (!member) throw new Error(`${name} has no member ${ordinal}`);
  return forwarded(clusters.kubectl, [clusters.namespace, member.metadata.name, 4222], async (port) => {
    const connections: NatsConnection[] = [];
    try {
      return await use(async (options) => {
        const servers = `127.0.0.1:${port}`;
        const connection = await patientlyConnect({ servers, ignoreClusterUpdates: true, ...options });
        connections.push(connection);
        return connection;
      });
    } finally {
      await Promise.all(connections.map((connection) => connection.close()));
    }
  });
}
