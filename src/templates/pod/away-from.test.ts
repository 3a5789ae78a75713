import { aCluster } from '../../resources/testing/a-cluster';
import { memberPod } from './pod';

function affinity(annotation: string | undefined, template?: object) {
  const annotations = annotation === undefined ? undefined : { 'nats.io/move-away-from': annotation };
  const spec = template ? { template: { spec: { affinity: template } } } : {};
  return memberPod(aCluster(spec, { annotations }), 0, 'nats-abc').spec.affinity;
}

const not = (node: string) => ({ key: 'metadata.name', operator: 'NotIn', values: [node] });

describe('a pod of a cluster that is to move away from nodes', () => {
  it('is kept off each of them, and still off the zones of the others', () => {
    expect(affinity('b,a')).toMatchObject({
      podAntiAffinity: expect.anything() as object,
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [not('a'), not('b')] }] },
      },
    });
  });

  it('is kept off them under each of the terms that the template has', () => {
    const zone = (name: string) => ({ matchExpressions: [{ key: 'zone', operator: 'In', values: [name] }] });
    const nodeSelectorTerms = [zone('x'), zone('y')];
    const template = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
    expect(affinity('a', template)).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: nodeSelectorTerms.map((term) => ({ ...term, matchFields: [not('a')] })),
        },
      },
    });
  });

  it('is as it was where nobody asks', () => {
    expect(affinity(undefined)).not.toHaveProperty('nodeAffinity');
    expect(affinity('')).not.toHaveProperty('nodeAffinity');
  });
});
