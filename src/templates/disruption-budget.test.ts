import { aCluster } from '../resources/testing/a-cluster';
import { disruptionBudget } from './disruption-budget';

const budget = (spec: Record<string, unknown>) => disruptionBudget(aCluster(spec))?.spec;

describe('the budget of a drain', () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [5, 3],
    [7, 4],
  ])('of %i members leaves a quorum, but lets at least one go: %i stay', (size, minAvailable) => {
    const spec = budget({ size });
    expect(spec).toMatchObject({ minAvailable });
    expect(spec).not.toHaveProperty('maxUnavailable');
  });

  it.each([{ minAvailable: 4 }, { minAvailable: '60%' }, { maxUnavailable: 3 }])(
    'is what the spec says: %j',
    (limit) => {
      const { minAvailable, maxUnavailable } = budget({ size: 5, podDisruptionBudget: limit }) ?? {};
      expect({ minAvailable, maxUnavailable }).toEqual({
        ...{ minAvailable: undefined, maxUnavailable: undefined },
        ...limit,
      });
    },
  );

  it.each([
    [{}, 1],
    [{ maxUnavailable: 3 }, 1],
    [{ minAvailable: '40%' }, 1],
    [{ maxUnavailable: 0 }, 0],
    [{ minAvailable: '100%' }, 0],
    [{ minAvailable: 5 }, 0],
    [{ maxUnavailable: '0%' }, 0],
  ])('with JetStream is one member at most, or none where the spec says so: %j', (limit, maxUnavailable) => {
    const spec = budget({ size: 5, jetstream: {}, podDisruptionBudget: limit });
    expect(spec).toMatchObject({ maxUnavailable });
    expect(spec).not.toHaveProperty('minAvailable');
  });

  it('never keeps a member that does not serve on its node', () => {
    expect(budget({ jetstream: {} })).toMatchObject({ unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  });
});
