import { oneByOneAnnotation } from './end-cluster';
import { ago, aNode, aReadyPod, aSituation, aStored, actionsOf, sentencesOf } from './makers';
import { planCluster } from './plan';
import { type Pod } from './situation';

const deleted = { deletionTimestamp: ago(1), finalizers: ['nats.io/operator'] };
const oneByOne = { ...deleted, annotations: { [oneByOneAnnotation]: 'true' } };
const end = (metadata: object, changes: Parameters<typeof aSituation>[0] = {}) =>
  planCluster(aSituation({ metadata, ...changes }));
const actions = (pods?: Pod[]) => actionsOf(end(oneByOne, { pods }).steps);

describe('a deleted cluster', () => {
  it('gets nothing new, and goes where nothing is left', () => {
    const plan = end(deleted, { pods: [] });
    expect(actionsOf(plan.steps)).toEqual([]);
    expect(plan.mayGo).toBe(true);
  });

  it('takes all that it owns with it, and nothing else', () => {
    const objects = [aStored('Service', 'nats'), aStored('Secret', 'other', { ownerReferences: [] })];
    const plan = end(deleted, { pods: [aReadyPod(0), aReadyPod(1, { owner: 'other' })], objects });
    expect(actionsOf(plan.steps)).toEqual(['delete pod-0', 'delete Service nats']);
    expect(plan.mayGo).toBe(false);
  });

  it('does not wait for servers that were asked to go', () => {
    expect(end(deleted, { pods: [aReadyPod(0, { deleted: ago(-30) })] }).mayGo).toBe(true);
  });

  it('goes even where its spec is invalid', () => {
    expect(end(deleted, { pods: [], wanted: undefined, problems: [{ field: 'spec', message: 'x' }] }).mayGo).toBe(true);
  });
});

describe('a deleted cluster whose members are to leave one by one', () => {
  it('stays until its members are gone', () => {
    expect(end(oneByOne).mayGo).toBe(false);
    expect(end(oneByOne, { pods: [aReadyPod(0, { deleted: ago(-30) })] }).mayGo).toBe(false);
    expect(end(oneByOne, { pods: [] }).mayGo).toBe(true);
  });

  it('takes the highest ordinal first', () => {
    const { steps } = end(oneByOne);
    expect(actionsOf(steps)).toEqual(['delete pod-2']);
    expect(sentencesOf(steps)).toEqual(['nats is deleted: nats-2 leaves, 2 members follow one by one']);
  });

  it('waits until a member has gone', () => {
    expect(actions([aReadyPod(0), aReadyPod(1), aReadyPod(2, { deleted: ago(-30) })])).toEqual([]);
    expect(actions([aReadyPod(0), aReadyPod(1)])).toEqual(['delete pod-1']);
  });

  it('is not held up by a node that is lost', () => {
    const nodes = new Map([aNode('node-0', 60)]);
    expect(end(oneByOne, { nodes, pods: [aReadyPod(0, { deleted: ago(-30) })] }).mayGo).toBe(true);
  });

  it('leaves everything in place where the delete asks to orphan it', () => {
    const plan = end({ ...oneByOne, finalizers: ['orphan', 'nats.io/operator'] });
    expect(actionsOf(plan.steps)).toEqual([]);
    expect(plan.mayGo).toBe(true);
  });
});

describe('a cluster that is not deleted', () => {
  it('may not go', () => {
    expect(end({ annotations: { [oneByOneAnnotation]: 'true' } }, { pods: [] }).mayGo).toBe(false);
  });
});
