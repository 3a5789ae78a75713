import { type Replica } from '../../../nats/jetstream-report';
import { encryptionAnnotation, streamsOfAnnotation } from '../../../templates/names';
import { addMembers } from './add-members';
import { aClaim, wantedClaim, type ClaimChanges } from './claim-makers';
import { claimOfNext, classesToRead, dropClaims, keepClaims } from './claims';
import { aJetStreamView, aReplica, aStream } from './jetstream/makers';
import { actionsOf, ago, anUnreadyPod, aReadyPod, aView, aWanted, owner, sentencesOf } from './makers';
import { removeMembers } from './remove-members';
import { type Claim, type NewClaim, type Situation } from './situation';

function view(
  claims: readonly Claim[],
  changes: ClaimChanges & { drop?: boolean; members?: number } & Pick<
      Partial<Situation>,
      'pods' | 'storageClasses'
    > = {},
) {
  const wanted = aWanted({
    size: changes.members ?? 1,
    jetStream: true,
    storage: true,
    claim: (ordinal) => wantedClaim(ordinal, changes),
    dropClaims: changes.drop ?? false,
  });
  const { pods = [], storageClasses } = changes;
  return aView({ wanted, objects: claims, pods, storageClasses });
}

const troubles = (steps: ReturnType<typeof keepClaims>) => steps.map(({ topic, reason }) => `${topic} ${reason}`);

describe('the claims of members', () => {
  it('are made where there are none', () => {
    const steps = keepClaims(view([aClaim(1)], { members: 3 }));
    expect(actionsOf(steps)).toEqual(['apply PersistentVolumeClaim nats-0', 'apply PersistentVolumeClaim nats-2']);
  });

  it('are left alone where they are as they should be', () => {
    expect(keepClaims(view([aClaim(0)]))).toEqual([]);
  });

  it('that were kept for a cluster of that name are taken up again', () => {
    const kept = view([aClaim(0)]);
    expect(keepClaims(kept)).toEqual([]);
    expect(actionsOf(addMembers(kept))).toEqual(['create member 0']);
  });

  it.each([
    [{ labels: {} }, 'is not labelled nats_cluster=nats'],
    [{ labels: { nats_cluster: 'other' } }, 'is of cluster other'],
  ])('of somebody else are never used: %j', (metadata, why) => {
    const taken = view([aClaim(0, { metadata })], { size: '5Gi' });
    const steps = keepClaims(taken);
    expect(sentencesOf(steps)).toEqual([expect.stringContaining(why)]);
    expect(actionsOf(steps)).toEqual([]);
    expect(actionsOf(addMembers(taken))).toEqual([]);
  });

  it('that go with a deleted cluster of the same name are waited for', () => {
    const leaving = view([aClaim(0, { metadata: { ownerReferences: owner('predecessor') } })]);
    expect(troubles(keepClaims(leaving))).toEqual(['Progressing ClaimLeaving']);
    expect(actionsOf(addMembers(leaving))).toEqual([]);
  });

  it('that somebody deleted are not given to a new pod', () => {
    const deleted = view([aClaim(0, { metadata: { deletionTimestamp: ago(5) } })]);
    expect(troubles(keepClaims(deleted))).toEqual(['Degraded ClaimDeleted']);
    expect(actionsOf(addMembers(deleted))).toEqual([]);
  });

  it('say with which key their files are written: that of the server when it serves, until then the one before', () => {
    const annotations = { [streamsOfAnnotation]: 'cluster', [encryptionAnnotation]: 'old' };
    const pod = (make: typeof aReadyPod) => make(0, { annotations: { [encryptionAnnotation]: 'new' } });
    const keyOf = ([step]: ReturnType<typeof keepClaims>) => {
      const [action] = step?.actions ?? [];
      return action?.do === 'apply'
        ? (action.object as NewClaim).metadata.annotations?.[encryptionAnnotation]
        : undefined;
    };
    expect(keyOf(keepClaims(view([aClaim(0)], { pods: [pod(aReadyPod)] })))).toBe('new');
    expect(keyOf(keepClaims(view([aClaim(0, { metadata: { annotations } })], { pods: [pod(aReadyPod)] })))).toBe('new');
    const starting = view([aClaim(0, { metadata: { annotations } })], { pods: [pod(anUnreadyPod)] });
    expect(keepClaims(starting)).toEqual([]);
    // also where they are written for another reason
    const growing = view([aClaim(0, { metadata: { annotations } })], { size: '5Gi' });
    expect(keyOf(keepClaims(growing))).toBe('old');
    const [next] = claimOfNext(starting, starting.members[0]!);
    expect(next).toMatchObject({ object: { metadata: { annotations } } });
  });

  it('change their owner with the policy, and nothing else', () => {
    const owned = { metadata: { ownerReferences: owner() } };
    expect(actionsOf(keepClaims(view([aClaim(0)], owned)))).toEqual(['apply PersistentVolumeClaim nats-0']);
    expect(actionsOf(keepClaims(view([aClaim(0, owned)])))).toEqual(['apply PersistentVolumeClaim nats-0']);
    expect(keepClaims(view([aClaim(0, owned)], owned))).toEqual([]);
  });

  it('are written over only as they were judged', () => {
    const [step] = keepClaims(view([aClaim(0)], { size: '2Gi' }));
    expect(step?.actions).toMatchObject([{ object: { metadata: { resourceVersion: '1' } } }]);
  });
});

describe('a claim whose size differs', () => {
  const classes = (allowVolumeExpansion?: boolean) => new Map([['standard', { allowVolumeExpansion }]]);

  it('grows with the spec', () => {
    const steps = keepClaims(view([aClaim(0)], { size: '2Gi', storageClasses: classes(true) }));
    expect(steps).toMatchObject([
      { reason: 'GrowingClaims', actions: [{ object: { spec: { resources: { requests: { storage: '2Gi' } } } } }] },
    ]);
  });

  it('stays as it is where its class does not let it grow, and says which and what to do', () => {
    const steps = keepClaims(view([aClaim(0)], { size: '2Gi', storageClasses: classes() }));
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)).toEqual([
      'claim nats-0 has 1Gi and spec.jetstream.fileStorage.size is 2Gi, but storage class standard does not allow it: set allowVolumeExpansion: true on the class if its volumes can grow; until then servers use no more than they have',
    ]);
  });

  it('never shrinks', () => {
    expect(keepClaims(view([aClaim(0, { size: '2Gi' })]))).toEqual([]);
    const owned = { metadata: { ownerReferences: owner() } };
    const [step] = keepClaims(view([aClaim(0, { size: '2Gi' })], owned));
    expect(step?.actions).toMatchObject([{ object: { spec: { resources: { requests: { storage: '2Gi' } } } } }]);
  });

  it.each([
    [{ capacity: { storage: '1Gi' } }, 'Progressing GrowingClaims'],
    [
      {
        capacity: { storage: '1Gi' },
        conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'no space' }],
      },
      'Degraded ClaimCannotGrow',
    ],
  ])('tells how it grows: %j', (status, told) => {
    expect(troubles(keepClaims(view([aClaim(0, { size: '2Gi', status })], { size: '2Gi' })))).toEqual([told]);
  });

  it('makes the operator look at its class', () => {
    expect(classesToRead(view([aClaim(0)], { size: '2Gi' }))).toEqual(['standard']);
    expect(classesToRead(view([aClaim(0)]))).toEqual([]);
  });
});

describe('a claim that waits for its volume', () => {
  const waiting = (seconds: number, changes: ClaimChanges = {}) =>
    aClaim(0, { ...changes, status: { phase: 'Pending' }, metadata: { creationTimestamp: ago(seconds) } });

  it('has a minute', () => {
    const steps = keepClaims(view([waiting(20)]));
    expect(troubles(steps)).toEqual(['Progressing Starting']);
    expect(steps[0]?.again).toBe(40);
  });

  it.each([
    [{ class: '' }, new Map(), 'it has no storage class and there is no default'],
    [{ class: 'fast' }, new Map([['fast', null]]), 'there is no storage class fast'],
    [{ class: 'fast' }, new Map([['fast', {}]]), 'storage class fast has not given it one'],
    [{ class: 'fast' }, undefined, 'storage class fast has not given it one'],
  ])('is stuck after that, and says why: %j', (changes, storageClasses, why) => {
    const steps = keepClaims(view([waiting(100, changes)], { ...changes, storageClasses }));
    expect(troubles(steps)).toContain('Degraded ClaimPending');
    expect(sentencesOf(steps).join()).toContain(why);
  });

  it('has lost its volume for good', () => {
    expect(troubles(keepClaims(view([aClaim(0, { status: { phase: 'Lost' } })])))).toEqual(['Degraded ClaimLost']);
  });
});

describe('what no claim can change', () => {
  it.each([{ class: 'fast' }, { modes: ['ReadWriteMany'] }])('is told, and the member goes on: %j', (changes) => {
    const other = view([aClaim(0)], changes);
    expect(troubles(keepClaims(other))).toEqual(['Degraded ClaimDiffers']);
    expect(actionsOf(addMembers(other))).toEqual(['create member 0']);
  });
});

describe('the claims of members that left', () => {
  const pods = [aReadyPod(0)];

  it('stay while their server is still counted in the group', () => {
    const claim = (ordinal: number) => wantedClaim(ordinal);
    const wanted = aWanted({ size: 3, jetStream: true, storage: true, claim, dropClaims: true });
    const drop = (peers: number[], unseen: Partial<Replica> = {}) =>
      actionsOf(
        dropClaims(
          aJetStreamView({
            peers: peers.map((ordinal) => aReplica(ordinal, ordinal === 3 ? unseen : {})),
            situation: { wanted, objects: [aClaim(3)] },
          }),
        ),
      );
    expect(drop([1, 2, 3])).toEqual([]);
    expect(drop([1, 2, 3], { name: 'Server name unknown at this time (peerID: bkCGheKT)', id: 'bkCGheKT' })).toEqual(
      [],
    );
    expect(drop([1, 2])).toEqual(['delete PersistentVolumeClaim nats-3']);
  });

  describe('with a single one to stay', () => {
    const leaves = (changes: Parameters<typeof aJetStreamView>[0] = {}, dropped = true) => {
      const claim = (ordinal: number) => wantedClaim(ordinal);
      const wanted = aWanted({ size: 1, jetStream: true, storage: true, claim, dropClaims: dropped });
      const objects = [aClaim(0), aClaim(1)];
      return aJetStreamView({ running: 2, ...changes, situation: { wanted, objects, ...changes.situation } });
    };

    it('go with the pod that is known to hold no streams', () => {
      expect(actionsOf(removeMembers(leaves()))).toEqual(['delete PersistentVolumeClaim nats-1', 'delete pod-1']);
      expect(dropClaims(leaves())).toEqual([]);
    });

    it('stay by default', () => {
      expect(actionsOf(removeMembers(leaves({}, false)))).toEqual(['delete pod-1']);
    });

    it('stay with their pods that hold streams, or may', () => {
      expect(removeMembers(leaves({ groups: [aStream('ORDERS', [1])] }))).toEqual([]);
      expect(removeMembers(leaves({ silent: [1] }))).toEqual([]);
    });

    it('stay where nobody can tell any more what is on them', () => {
      expect(dropClaims(leaves({ running: 1, situation: { pods } }))).toEqual([]);
    });

    it('go without a pod where they never had a volume', () => {
      const objects = [aClaim(1, { status: { phase: 'Pending' } })];
      expect(actionsOf(dropClaims(leaves({ running: 1, situation: { pods, objects } })))).toEqual([
        'delete PersistentVolumeClaim nats-1',
      ]);
    });
  });

  it('go only when their pod has gone', () => {
    expect(dropClaims(view([aClaim(1)], { pods: [...pods, aReadyPod(1)], drop: true }))).toEqual([]);
  });

  it.each([{ labels: { nats_cluster: 'other', 'nats.io/member': '1' } }, { deletionTimestamp: ago(1) }])(
    'are left alone where they are of others or on their way out: %j',
    (metadata) => {
      expect(dropClaims(view([aClaim(1, { metadata })], { pods, drop: true }))).toEqual([]);
    },
  );
});
