import { encryptionAnnotation } from '../../../../templates/names';
import { aReadyPod, aWanted, actionsOf, aSituation } from '../makers';
import { planCluster } from '../plan';

const config = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } };

function plan(before?: string) {
  const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { annotations: { [encryptionAnnotation]: 'old' } }));
  const encryption = { secret: { name: 'keys', key: 'k' }, now: 'new', before };
  return planCluster(aSituation({ pods, wanted: aWanted({ encryption, objects: [config] }) })).steps;
}

describe('another key in the secret that files of streams are encrypted with', () => {
  it('is written nowhere and restarts nothing where the spec does not name the one before', () => {
    const steps = plan();
    expect(actionsOf(steps)).toEqual([]);
    expect(steps).toMatchObject([{ topic: 'Degraded', reason: 'SecretInvalid' }]);
    expect(steps[0]?.because).toMatch(/^secret keys, .*previousKeySecret/);
  });

  it('goes to one member after the other where it does', () => {
    expect(actionsOf(plan('old'))).toEqual(['apply Secret nats', 'delete pod-2']);
  });
});
