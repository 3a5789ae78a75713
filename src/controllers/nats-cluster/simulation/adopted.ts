import { type StoredObject } from '../../../kubernetes/object';
import { predecessorName } from '../../../templates/predecessor';
import { type Pod } from '../plan/situation';
import { configFile } from '../../../templates/config-secret';
import { confOf } from './conf';
import { clusterName, managementService, ownerReference, type Spec } from './model';
import { World } from './world';

/** The world as nats-operator 0.8 left it: its pods, its services and its config, and no operator. */
export async function leftBy08(spec: Spec): Promise<World> {
  const world = new World(spec);
  const { cluster } = world;
  if (!cluster) throw new Error('there is no cluster');
  const owned = (object: StoredObject, more: object, labels: object = {}) =>
    ({
      ...object,
      ...more,
      metadata: {
        ...object.metadata,
        labels: { nats_cluster: clusterName, ...labels },
        ownerReferences: [ownerReference(cluster.metadata.uid)],
      },
    }) as unknown as StoredObject & Pod;
  const { text } = confOf(cluster.spec, { besideOld: false });
  const data = { [configFile]: Buffer.from(text).toString('base64') };
  world.log.put('objects', owned(world.object('Secret', clusterName), { data }), `Secret/${clusterName}`);
  world.ledger.configs.add(text);
  for (const name of [clusterName, managementService]) {
    world.log.put('objects', owned(world.object('Service', name), { spec: { selector: {} } }), `Service/${name}`);
  }
  world.kubelets.hear();
  for (let index = 1; index <= cluster.spec.size; index++) {
    const pod = owned(
      world.object('Pod', predecessorName(cluster, index)),
      { spec: { containers: [{ name: 'nats', image: `nats:${cluster.spec.version}` }], tls: cluster.spec.tls } },
      { app: 'nats', nats_version: cluster.spec.version },
    );
    world.createPod({ ...pod, metadata: { ...pod.metadata, annotations: { 'nats.version': cluster.spec.version } } });
  }
  await world.pass(15);
  return world;
}
