import { type StoredObject } from '../../../kubernetes/object';
import { awayFromAnnotation } from '../../../templates/names';
import { type Pod } from '../plan/situation';
import { readyOf, type World } from './world';

/** Whatever belongs to a cluster that is gone goes too. */
export function collectGarbage(world: World): void {
  const alive = world.cluster?.metadata.uid;
  const isGarbage = (object: StoredObject) =>
    object.metadata.ownerReferences?.some(({ uid }) => uid.startsWith('uid-') && uid !== alive) ?? false;
  for (const pod of world.pods) if (isGarbage(pod)) world.deletePod(pod);
  for (const object of world.log.all('objects')) {
    if (isGarbage(object)) world.log.remove('objects', `${object.kind}/${object.metadata.name}`);
  }
}

/** Gives a pod a node that takes it, if there is one. */
export function schedule(world: World, pod: Pod): void {
  const keptOff = pod.metadata.annotations?.[awayFromAnnotation]?.split(',') ?? [];
  const nodes = world.nodes.filter(
    (node) =>
      readyOf(node) === 'True' &&
      !node.spec?.taints &&
      !world.drained.has(node.metadata.name) &&
      !keptOff.includes(node.metadata.name),
  );
  const node = nodes[world.scheduled++ % nodes.length];
  if (!node) return;
  const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: world.time() }];
  world.log.put('pods', {
    ...pod,
    spec: { ...pod.spec, nodeName: node.metadata.name },
    status: { phase: 'Pending', conditions },
  });
}
