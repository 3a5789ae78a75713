import { applyObjects, refuseTakenNames } from './apply-objects';
import { actionsOf, aStored, aView, aWanted, owner, planned, sentencesOf } from './makers';
import { type NewObject } from '../../../kubernetes/object';

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' }, data: { 'nats.conf': 'eA==' } };
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'nats' }, spec: { selector: { a: 'b' } } };
const wanted = aWanted({ objects: [secret, service] as NewObject[] });
const stored = [
  { ...aStored('Secret', 'nats'), data: secret.data },
  { ...aStored('Service', 'nats'), spec: service.spec },
];

describe('applying objects', () => {
  it('makes what does not exist', () => {
    const steps = applyObjects(aView({ wanted, objects: [] }));
    expect(actionsOf(steps)).toEqual(['apply Secret nats', 'apply Service nats']);
    expect(sentencesOf(steps)).toEqual(['Secret nats and Service nats did not exist']);
  });

  it('does nothing where all is as wanted', () => {
    expect(applyObjects(aView({ wanted, objects: stored }))).toEqual([]);
  });

  it('undoes an edit by hand', () => {
    const objects = [{ ...aStored('Secret', 'nats'), data: { 'nats.conf': 'eQ==' } }, ...stored.slice(1)];
    const steps = applyObjects(aView({ wanted, objects }));
    expect(actionsOf(steps)).toEqual(['apply Secret nats']);
    expect(sentencesOf(steps)).toEqual(['Secret nats differed from the spec']);
  });

  it('writes over what was judged, not over what may have come in its place', () => {
    const objects = [{ ...aStored('Secret', 'nats', { resourceVersion: '7' }), data: {} }, ...stored.slice(1)];
    const [step] = applyObjects(aView({ wanted, objects }));
    expect(step?.actions[0]?.object.metadata.resourceVersion).toBe('7');
  });

  it('removes a budget that is no longer wanted', () => {
    const objects = [...stored, aStored('PodDisruptionBudget', 'nats')];
    expect(actionsOf(applyObjects(aView({ wanted, objects })))).toEqual(['delete PodDisruptionBudget nats']);
  });

  it.each(['NetworkPolicy nats', 'PodMonitor nats', 'Secret nats-external-addresses'])(
    'removes %s when it is no longer wanted',
    (what) => {
      const [kind = '', name = ''] = what.split(' ');
      const objects = [...stored, aStored(kind, name)];
      expect(actionsOf(applyObjects(aView({ wanted, objects })))).toEqual([`delete ${what}`]);
    },
  );

  it('looks again at what no event tells of', () => {
    const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', metadata: { name: 'nats' } };
    const [step] = applyObjects(aView({ wanted: aWanted({ objects: [monitor] }), objects: [] }));
    expect(step?.again).toBe(1);
    expect(applyObjects(aView({ wanted, objects: [] }))[0]?.again).toBeUndefined();
  });

  it('leaves a budget of somebody else with our label alone', () => {
    const objects = [...stored, aStored('PodDisruptionBudget', 'nats', { ownerReferences: owner('other') })];
    expect(applyObjects(aView({ wanted, objects }))).toEqual([]);
  });

  it('takes over what an orphaning delete of the cluster left', () => {
    const left = {
      ...aStored('Service', 'nats', { ownerReferences: [], labels: { nats_cluster: 'nats' } }),
      spec: service.spec,
    };
    const view = aView({ wanted, objects: [...stored.slice(0, 1), left] });
    expect(refuseTakenNames(view)).toEqual([]);
    expect(actionsOf(applyObjects(view))).toEqual(['apply Service nats']);
  });
});

describe('a name that is taken', () => {
  it.each([
    ['nobody', []],
    ['another controller', [{ kind: 'App', name: 'nats', uid: 'other', controller: true }]],
  ])('stops everything where the object is of %s', (_, ownerReferences) => {
    const objects = [aStored('Service', 'nats', { ownerReferences })];
    expect(planned({ wanted, objects, pods: [] })).toEqual([]);
    expect(refuseTakenNames(aView({ wanted, objects }))).toEqual([
      expect.objectContaining({
        topic: 'Degraded',
        because: 'Service nats exists and is not of this cluster: delete it, or give the cluster another name',
      }),
    ]);
  });

  it('is waited for where the cluster before had it', () => {
    const objects = [aStored('Service', 'nats', { ownerReferences: owner('before') })];
    expect(refuseTakenNames(aView({ wanted, objects }))).toEqual([
      expect.objectContaining({ topic: 'Progressing', actions: [] }),
    ]);
  });
});
