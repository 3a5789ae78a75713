import fc from 'fast-check';
import { memberLabel, rotateAnnotation } from '../../../templates/names';
import { type StoredObject } from '../../../kubernetes/object';
import { requestAnnotations } from '../../../resources/nats-cluster/requests';
import { evict } from './evictions';
import { clusterName, userSecret } from './model';
import { type Operator } from './operator';
import { type World } from './world';

/** Something that happens, and how one would tell it. */
export interface Happening {
  readonly tell: string;
  readonly happen: (world: World, operator: Operator) => unknown;
}

/** Somebody else. */
const owner = { apiVersion: 'v1', kind: 'App', name: 'other', uid: 'other', controller: true };

const well = { stuck: false, crashes: false, hangs: false, isolated: false, deaf: false, silent: false };

const number = (max: number) => fc.integer({ min: 0, max });

/** To what the operator writes beside the pods, and to what users have. */
export const toObjects = fc.oneof(
  fc.boolean().map((there) =>
    it(`the secret that the spec refers to ${there ? 'appears' : 'disappears'}`, (world) => {
      if (!there) world.log.remove('secrets', userSecret);
      else if (!world.log.get('secrets', userSecret)) world.renewCertificate();
    }),
  ),
  fc.constant(
    it('the certificate is renewed', (world) => {
      if (world.log.get('secrets', userSecret)) world.renewCertificate();
    }),
  ),
  fc.constantFrom('Secret', 'Service', 'PodDisruptionBudget').map((kind) =>
    it(`somebody deletes the ${kind}`, (world) => {
      world.log.remove('objects', `${kind}/${clusterName}`);
      if (kind === 'Secret') world.ledger.losesConfig();
    }),
  ),
  fc.constant(
    it('somebody edits the Service', (world) => {
      const service = world.log.get('objects', `Service/${clusterName}`);
      if (service)
        world.log.put(
          'objects',
          { ...service, spec: { selector: { by: 'hand' } } } as StoredObject,
          `Service/${clusterName}`,
        );
    }),
  ),
  fc.constantFrom('Service', 'PodDisruptionBudget').map((kind) =>
    it(`somebody puts a ${kind} in the place of ours`, (world) => {
      const key = `${kind}/${clusterName}`;
      const { metadata, ...object } = world.object(kind, clusterName);
      world.log.remove('objects', key);
      world.log.put('objects', { ...object, metadata: { ...metadata, ownerReferences: [owner] } }, key);
    }),
  ),
  fc.constant(
    it('somebody makes a pod that looks like ours', (world) => {
      const pod = world.object('Pod', `stranger-${world.log.version}`);
      const labels = { nats_cluster: clusterName, [memberLabel]: '0' };
      world.createPod({
        ...pod,
        metadata: { ...pod.metadata, labels, ownerReferences: [owner] },
        spec: { containers: [] },
      } as StoredObject);
    }),
  ),
);

export const toPods = fc
  .tuple(
    number(9),
    fc.constantFrom(
      ...(['deleted', 'force deleted', 'evicted', 'stuck', 'crashing', 'cut off from the others'] as const),
      ...(['hanging and deleted', 'well', 'restarted', 'deaf to commands', 'silent when asked', 'drained'] as const),
    ),
  )
  .map(([index, fate]) =>
    it(`pod ${index} is ${fate}`, (world) => {
      const pods = world.pods;
      const pod = pods[index % Math.max(1, pods.length)];
      if (!pod) return;
      if (fate === 'deleted') world.deletePod(pod);
      else if (fate === 'force deleted') world.deletePod(pod, 0);
      else if (fate === 'evicted') world.fail(pod);
      else if (fate === 'restarted') world.kubelets.restart(pod);
      else if (fate === 'drained') evict(world, pod);
      else if (fate === 'well') {
        world.servers.mark(pod, well);
      } else {
        world.servers.mark(pod, {
          stuck: fate === 'stuck',
          crashes: fate === 'crashing',
          isolated: fate === 'cut off from the others',
          hangs: fate === 'hanging and deleted',
          deaf: fate === 'deaf to commands',
          silent: fate === 'silent when asked',
        });
        if (fate === 'hanging and deleted') world.deletePod(pod);
      }
    }),
  );

export const toNodes = fc
  .tuple(number(3), fc.constantFrom('dies', 'comes back', 'is removed', 'is declared off', 'is drained'))
  .map(([index, fate]) => {
    const name = `node-${index}`;
    return it(`${name} ${fate}`, (world) => {
      if (fate === 'dies') world.killNode(name);
      else if (fate === 'is drained') world.drained.add(name);
      else if (fate === 'is removed') world.removeNode(name);
      else if (fate === 'is declared off') world.taintNode(name);
      else if (world.node(name)) world.reviveNode(name);
      else world.addNode(name);
    });
  });

export const toServers = fc.oneof(
  fc.boolean().map((broken) =>
    it(`routes ${broken ? 'break' : 'are whole'}`, (world) => {
      for (const pod of world.pods) world.servers.mark(pod, { isolated: broken });
    }),
  ),
  fc
    .boolean()
    .map((down) => it(`monitoring is ${down ? 'down' : 'up'}`, (world) => void (world.monitoringDown = down))),
  fc.constantFrom(0, 3, 5).map((replicas) =>
    it(replicas === 0 ? 'the stream is deleted' : `the stream is to have ${replicas} replicas`, (world) => {
      world.streams.resize(replicas);
    }),
  ),
  fc.constantFrom(0, 15, 30).map((seconds) =>
    it(`kubelets hear of secrets after ${seconds} s`, (world) => {
      world.kubelets.delay = seconds;
    }),
  ),
);

/** What people ask for by annotation. Each value is a new one. */
export const requests = fc
  .oneof(
    fc
      .constantFrom(requestAnnotations.restart, requestAnnotations.stepDownMetaLeader, rotateAnnotation)
      .chain((key) => fc.constantFrom([key, 'anew'] as const, [key, 'anew'] as const, [key, undefined] as const)),
    fc.constantFrom('true', undefined).map((value) => [requestAnnotations.paused, value] as const),
    fc
      .subarray(['node-0', 'node-1', 'node-2', 'node-3'], { maxLength: 3 })
      .map((nodes) => [requestAnnotations.moveAwayFrom, nodes.join() || undefined] as const),
  )
  .map(([key, value]) =>
    it(`a user ${value === undefined ? `takes ${key} away` : `annotates ${key}: ${value}`}`, (world) => {
      world.annotate(key, value === 'anew' ? `at-${world.log.version}` : value);
    }),
  );

export function it(tell: string, happen: Happening['happen']): Happening {
  return { tell, happen, toString: () => tell } as Happening;
}
