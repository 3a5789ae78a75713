import { routesTlsAnnotation, streamsOfAnnotation } from '../../../../templates/names';
import { aWanted, aWaitingPod, actionsOf } from '../makers';
import { planCluster } from '../plan';
import { type Pod, type Wanted } from '../situation';
import { aJetStreamView, aPodWithJetStream } from './makers';

const config = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } };
const aPod = (ordinal: number, tls: 'on' | 'off', more: Record<string, string> = {}) =>
  aPodWithJetStream(ordinal, { annotations: { [routesTlsAnnotation]: tls, ...more } });

function plan(pods: readonly Pod[], { jetStream = true, size = 3, ...more }: Partial<Wanted> = {}) {
  const wanted = aWanted({
    size,
    jetStream,
    storage: jetStream,
    restartHash: 'changed',
    routesTls: 'on',
    objects: [config],
    ...more,
  });
  return planCluster(aJetStreamView({ size, situation: { pods, wanted } })).steps;
}

describe('TLS for routes that is switched while JetStream runs', () => {
  it('changes nothing, and says why and what can be done', () => {
    const steps = plan([0, 1, 2].map((ordinal) => aPod(ordinal, 'off')));
    expect(actionsOf(steps)).toEqual([]);
    expect(steps[0]).toMatchObject({ topic: 'ConfigValid', reason: 'RoutesInTheWay' });
    expect(steps[0]?.because).toMatch(/^spec.tls.routesSecret: .*kubectl delete pod -n default -l nats_cluster=nats/);
  });

  it('is held in a super-cluster too, where only one with several members has routes', () => {
    const streamsOf = 'super-cluster';
    const pods = [0, 1, 2].map((ordinal) => aPod(ordinal, 'off', { [streamsOfAnnotation]: streamsOf }));
    expect(plan(pods, { streamsOf })[0]).toMatchObject({ reason: 'RoutesInTheWay' });
    expect(plan(pods.slice(0, 1), { streamsOf, size: 1 }).map(({ reason }) => reason)).not.toContain('RoutesInTheWay');
  });

  it('holds also while a member is away: the others keep the majority', () => {
    expect(actionsOf(plan([aPod(0, 'off'), aPod(1, 'off')]))).toEqual([]);
  });

  it('goes on when all members were stopped', () => {
    expect(actionsOf(plan([]))).toEqual(['apply Secret nats', 'create member 0', 'create member 1', 'create member 2']);
  });

  it('takes back what reached a smaller part of the members', () => {
    const steps = plan([aPod(0, 'on'), aPod(1, 'on'), aPod(2, 'off')]);
    expect(actionsOf(steps)).toContain('apply Secret nats');
    expect(steps.map(({ reason }) => reason)).not.toContain('RoutesInTheWay');
  });

  it.each<[string, () => readonly Pod[], Parameters<typeof plan>[1]]>([
    ['without JetStream', () => [0, 1, 2].map((ordinal) => aPod(ordinal, 'off')), { jetStream: false }],
    ['of a single server', () => [aPod(0, 'off')], { size: 1 }],
    ['whose servers never ran', () => [0, 1, 2].map((ordinal) => aWaitingPod(ordinal, 'ContainerCreating')), {}],
  ])('is no matter for a cluster %s', (_, pods, changes) => {
    expect(plan(pods(), changes).map(({ reason }) => reason)).not.toContain('RoutesInTheWay');
  });
});
