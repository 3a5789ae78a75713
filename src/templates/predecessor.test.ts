import { wantedOf } from '../controllers/nats-cluster/wanted';
import { aCluster } from '../resources/testing/a-cluster';
import { natsConf } from './nats-conf/nats-conf';
import { besidePredecessors, keepManagementAnnotation, predecessorIndex } from './predecessor';
import { restartHash } from './restart-hash';

const cluster = aCluster({ size: 2, version: '2.10.29' });

function services(of: typeof cluster): string[] {
  const objects = wantedOf(of, new Map()).objects.filter(({ kind }) => kind === 'Service');
  return objects.map(({ metadata }) => metadata.name);
}

function routes(of: typeof cluster): string[] {
  return natsConf(of, new Map()).match(/nats:\/\/[^"]+/g) ?? [];
}

describe('a cluster with pods of nats-operator 0.8', () => {
  it('has routes to them under the names that they have there, after those to its own members', () => {
    expect(routes(besidePredecessors(cluster))).toEqual([
      ...routes(cluster),
      'nats://nats-1.nats-mgmt.default.svc:6222',
      'nats://nats-2.nats-mgmt.default.svc:6222',
    ]);
  });

  it('keeps their service until they are gone, or as long as an annotation asks for it', () => {
    expect(services(besidePredecessors(cluster))).toEqual(['nats', 'nats-routes', 'nats-mgmt']);
    expect(services(cluster)).toEqual(['nats', 'nats-routes']);
    const asked = aCluster({ size: 2 }, { annotations: { [keepManagementAnnotation]: 'true' } });
    expect(services(asked)).toEqual(['nats', 'nats-routes', 'nats-mgmt']);
  });

  it('restarts nothing when they are gone', () => {
    expect(restartHash(besidePredecessors(cluster).spec, false)).toBe(restartHash(cluster.spec, false));
  });
});

describe('the name of a pod of nats-operator 0.8', () => {
  it.each([
    ['nats-1', 1],
    ['nats-f', 15],
    ['nats-10', 16],
    ['nats-0', undefined],
    ['nats-01', undefined],
    ['nats-x', undefined],
    ['nats-0123456789', undefined],
    ['nats-abcdefabcd', undefined],
    ['other-1', undefined],
    ['nats-', undefined],
  ])('%s has the number %s', (name, index) => {
    expect(predecessorIndex(cluster, name)).toBe(index);
  });
});
