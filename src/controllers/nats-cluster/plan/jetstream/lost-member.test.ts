import { routesAnnotation } from '../../../../templates/names';
import { aClaim, wantedClaim } from '../claim-makers';
import { actionsOf, ago, aWanted, sentencesOf } from '../makers';
import { rollMembers } from '../roll-members';
import { aJetStreamView, aPodWithJetStream, aReplica, aStream } from './makers';

describe('a roll after a change that was taken back, where a member is cut off from all others, which would wait for it for ever', () => {
  const alone = (
    groups: ReturnType<typeof aStream>[] = [],
    { offline = true, readyFor = 3000, objects = claims } = {},
  ) => {
    const peers = [aReplica(1), aReplica(2, { offline, current: false })];
    const before = { version: '2.10.29', annotations: { [routesAnnotation]: 'TLS' } };
    const pods = [aPodWithJetStream(0), aPodWithJetStream(1), aPodWithJetStream(2, before)].map((pod) => ({
      ...pod,
      status: { ...pod.status, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }] },
    }));
    const wanted = aWanted({ version: '2.15.2', jetStream: true, storage: true, claim: wantedClaim });
    const view = aJetStreamView({ peers, groups, situation: { pods, objects, wanted } });
    const servers = new Map(
      [...view.servers].map(([id, server]) => {
        if (server.unknown !== undefined) throw new Error('all answer');
        return [id, { ...server, routes: new Set(id === 'pod-2' ? [] : ['pod-0', 'pod-1']) }] as const;
      }),
    );
    return rollMembers({ ...view, servers });
  };
  const claims = [0, 1, 2].map((ordinal) => aClaim(ordinal));
  const missed = aReplica(2, { offline: true, current: false });
  const inMemory = { inMemory: true };
  const [wide, behind] = [true, false].map((current) =>
    aStream('ORDERS', [0, 1, 2], { replicas: [aReplica(1, { current }), missed], ...inMemory }),
  );
  const pair = aStream('ORDERS', [1, 2], { leader: undefined, replicas: [missed], ...inMemory });
  const some = (group: typeof wide) => (group ? [group] : []);

  it('takes that one first', () => {
    expect(actionsOf(alone())).toEqual(['delete pod-2']);
    expect(sentencesOf(alone())[0]).toMatch(/^nats-2 has no route to any other member/);
  });

  it('leaves it as long as it is one of the majority', () => {
    expect(actionsOf(alone([], { offline: false }))).toEqual([]);
  });

  it('takes it when the others have all that it has in memory', () => {
    expect(actionsOf(alone(some(wide)))).toEqual(['delete pod-2']);
    expect(actionsOf(alone(some(behind)))).toEqual([]);
  });

  it('takes it with what it has in files on its claim, which it finds there again', () => {
    const inFiles = [{ ...pair, inMemory: false }];
    expect(actionsOf(alone(inFiles))).toEqual(['delete pod-2']);
    expect(actionsOf(alone(inFiles, { objects: [] }))).toEqual([]);
    // that goes with the pod
    const leaving = claims.map((claim) => ({ ...claim, metadata: { ...claim.metadata, deletionTimestamp: ago(5) } }));
    expect(actionsOf(alone(inFiles, { objects: leaving }))).toEqual([]);
  });

  it('says which stream has no majority without it, and what a person can do', () => {
    expect(actionsOf(alone([pair]))).toEqual([]);
    const because =
      '1 of 3 members run an older spec: nats-2 has no route to any other member and is not made again, as the others are not known to have all of stream ORDERS, which would go with its pod. What was acknowledged they have, unless they were restarted since it was cut off. To make it again: kubectl delete pod -n default nats-pod-2';
    expect(sentencesOf(alone([pair]))).toEqual([because, `${because}, for more than 600 s`]);
    expect(sentencesOf(alone([pair], { readyFor: 10 }))).toEqual([because]);
  });
});
