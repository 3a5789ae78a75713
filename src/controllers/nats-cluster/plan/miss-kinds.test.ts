import { aView } from './makers';
import { missKinds } from './miss-kinds';

describe('a kind that the API server does not have', () => {
  it('is named with the field that asks for it and the cure, and looked for again', () => {
    const unserved = [{ kind: 'PodMonitor', field: 'spec.monitoring.podMonitor', provider: 'the Prometheus operator' }];
    expect(missKinds(aView({ unserved }))).toEqual([
      expect.objectContaining({
        topic: 'Degraded',
        because:
          'spec.monitoring.podMonitor: the API server has no kind PodMonitor: install the Prometheus operator, or remove the field',
        again: 30,
      }),
    ]);
  });

  it('is no trouble where nobody asks for it', () => {
    expect(missKinds(aView())).toEqual([]);
  });
});
