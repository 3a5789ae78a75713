import {
  actionsOf,
  ago,
  aNode,
  aReadyPod,
  aView,
  aWaitingPod,
  anUnreadyPod,
  aWanted,
  planned,
  sentencesOf,
} from './makers';
import { removeMembers } from './remove-members';
import { type Pod } from './situation';

const ready = (...ordinals: number[]) => ordinals.map((ordinal) => aReadyPod(ordinal));
const removed = (pods: Pod[], size = 3) => actionsOf(removeMembers(aView({ pods, wanted: aWanted({ size }) })));

describe('removing members', () => {
  it('does nothing at the wanted size', () => {
    expect(removed(ready(0, 1, 2))).toEqual([]);
  });

  it('starts with the highest ordinal', () => {
    expect(removed(ready(0, 1, 2, 3, 4))).toEqual(['delete pod-4']);
  });

  it('keeps the last one that serves, however small the cluster is to be', () => {
    expect(removed([aWaitingPod(0, 'ContainerCreating'), aReadyPod(1), aReadyPod(2)], 1)).toEqual(['delete pod-2']);
    expect(removed([aWaitingPod(0, 'ContainerCreating'), aReadyPod(1)], 1)).toEqual([]);
  });

  it('waits until the one before is gone', () => {
    const view = aView({ pods: [...ready(0, 1, 2, 3), aReadyPod(4, { deleted: ago(-30) })] });
    expect(actionsOf(removeMembers(view))).toEqual([]);
    expect(sentencesOf(removeMembers(view))).toEqual(['nats-4 is saying good-bye to its clients: size is 3']);
  });

  it('does not wait for a pod on a lost node', () => {
    const nodes = new Map([...[0, 1, 2, 3].map((n) => aNode(`node-${n}`)), aNode('node-4', 30)]);
    const pods = [...ready(0, 1, 2, 3), aReadyPod(4, { deleted: ago(-30) })];
    expect(actionsOf(removeMembers(aView({ pods, nodes })))).toEqual(['delete pod-3']);
  });

  it('removes all at once that have no running server, and one that has', () => {
    expect(
      removed([...ready(0, 1, 2, 3), aWaitingPod(4, 'ContainerCreating'), aWaitingPod(5, 'ImagePullBackOff')]),
    ).toEqual(['delete pod-4', 'delete pod-5', 'delete pod-3']);
  });

  it('makes room for a member that finds no node', () => {
    expect(removed([aWaitingPod(0, ''), ...ready(1, 2, 3, 4)])).toEqual(['delete pod-4']);
  });

  it('keeps a member that serves until enough of the others do', () => {
    const view = aView({ pods: [anUnreadyPod(0), anUnreadyPod(1), ...ready(2, 3)], wanted: aWanted({ size: 3 }) });
    expect(actionsOf(removeMembers(view))).toEqual([]);
    expect(sentencesOf(removeMembers(view))).toEqual([
      'nats-3 is beyond size 3 and stays until more of the others are ready: 2 serve now',
    ]);
  });

  it('removes a member that does not serve without waiting for others', () => {
    expect(removed([anUnreadyPod(0), anUnreadyPod(1), anUnreadyPod(2), anUnreadyPod(3)])).toEqual(['delete pod-3']);
  });

  it('comes before a roll, so that nothing is restarted for nothing', () => {
    expect(planned({ pods: ready(0, 1, 2, 3), wanted: aWanted({ version: '2.16.0' }) })).toEqual(['delete pod-3']);
  });
});
