import { decorationAnnotation, recordOf } from '../../../templates/decoration';
import { adoptPredecessors } from './adopt-predecessor';
import { aReadyPod, aSituation, aStored, aView, aWanted, actionsOf, owner, planned, sentencesOf } from './makers';
import { planCluster } from './plan';
import { type Pod } from './situation';

/** A pod as nats-operator 0.8 makes it. */
function anOldPod(name: string, changes: Partial<Pod['metadata']> = {}): Pod {
  const pod = aReadyPod(0, { version: '2.10.29' }, `pod-${name}`);
  const metadata = {
    ...pod.metadata,
    name,
    labels: { app: 'nats', nats_cluster: 'nats', nats_version: '2.10.29' },
    annotations: { 'nats.version': '2.10.29' },
    ownerReferences: owner().map((reference) => ({ ...reference, apiVersion: 'nats.io/v1alpha2' })),
    ...changes,
  };
  return { ...pod, metadata };
}

function membersOf(pods: readonly Pod[], size = 3): string[] {
  const steps = adoptPredecessors(aView({ pods, wanted: aWanted({ size }) }));
  return steps.flatMap(({ actions }) =>
    actions.map(
      (action) =>
        `${action.object.metadata.name} is ${action.do === 'relabel' ? action.labels['nats.io/member'] : '?'}`,
    ),
  );
}

describe('pods of nats-operator 0.8', () => {
  const three = ['nats-1', 'nats-2', 'nats-3'].map((name) => anOldPod(name));

  it('become members by a label, each the one whose name it has, the last one member 0', () => {
    expect(membersOf(three)).toEqual(['nats-1 is 1', 'nats-2 is 2', 'nats-3 is 0']);
    expect(sentencesOf(adoptPredecessors(aView({ pods: three })))).toEqual([
      'nats-1, nats-2 and nats-3 of nats-operator 0.8 are taken over as members',
    ]);
  });

  it('are counted in hexadecimal', () => {
    expect(membersOf([anOldPod('nats-a'), anOldPod('nats-10')], 16)).toEqual(['nats-a is 10', 'nats-10 is 0']);
  });

  it('are surplus members where they are beyond the wanted size', () => {
    expect(membersOf([anOldPod('nats-4'), anOldPod('nats-2')], 2)).toEqual(['nats-4 is 4', 'nats-2 is 0']);
  });

  it('become the member that would get their name otherwise, when the size grows before they are made again', () => {
    const last = anOldPod('nats-3', { labels: { nats_cluster: 'nats', 'nats.io/member': '0' } });
    expect(membersOf([last], 3)).toEqual([]);
    expect(membersOf([last], 4)).toEqual(['nats-3 is 3']);
    expect(planned({ pods: [last], wanted: aWanted({ size: 4 }) })).toEqual(['relabel pod-nats-3']);
  });

  it('are made members before anything else is made', () => {
    expect(planned({ pods: three })).toEqual(['relabel pod-nats-1', 'relabel pod-nats-2', 'relabel pod-nats-3']);
  });

  it.each([
    ['somebody else made', { ownerReferences: [] }],
    ['have another name', { name: 'nats-box' }],
    ['have no version of 0.8', { annotations: {} }],
    [
      'were made from a spec by this operator',
      { annotations: { 'nats.version': '2.10.29', 'nats.io/restart-hash': 'a' } },
    ],
  ])('are not those that %s', (_, changes) => {
    expect(membersOf([anOldPod('nats-1', changes)])).toEqual([]);
  });

  it('are then made again one by one, while the others serve', () => {
    const decoration = recordOf({ labels: {}, annotations: {} });
    const labelled = ['0', '1', '2'].map((member) =>
      anOldPod(`nats-${member === '0' ? '3' : member}`, {
        labels: { nats_cluster: 'nats', 'nats.io/member': member },
        annotations: { 'nats.version': '2.10.29', [decorationAnnotation]: decoration },
      }),
    );
    const { steps } = planCluster(aSituation({ pods: labelled }));
    expect(actionsOf(steps.filter(({ reason }) => reason === 'Rolling'))).toEqual(['delete pod-nats-2']);
  });
});

describe('the management service of nats-operator 0.8', () => {
  const service = aStored('Service', 'nats-mgmt');

  it('goes when nobody wants it any more', () => {
    expect(planned({ objects: [service] })).toEqual(['delete Service nats-mgmt']);
  });

  it('stays as long as it is wanted', () => {
    const wanted = aWanted({ objects: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'nats-mgmt' } }] });
    expect(planned({ objects: [service], wanted })).toEqual([]);
  });

  it('stays where it is of somebody else', () => {
    expect(planned({ objects: [aStored('Service', 'nats-mgmt', { ownerReferences: [] })] })).toEqual([]);
  });
});
