import { aCluster } from '../resources/testing/a-cluster';
import { natsConf } from './nats-conf/nats-conf';
import { withinClaims } from './within-claims';

const gi = 2 ** 30;

function room(fileStorage: object, capacities: readonly number[]): number {
  const cluster = withinClaims(aCluster({ jetstream: { fileStorage } }), capacities);
  return Number(/"max_file": ?(\d+)/.exec(natsConf(cluster, new Map()))?.[1]);
}

describe('room for streams', () => {
  it('is what the smallest volume has while claims have not grown', () => {
    expect(room({ size: '20Gi' }, [20 * gi, 10 * gi])).toBe(9 * gi);
    expect(room({ size: '20Gi', limit: '15Gi' }, [10 * gi])).toBe(9 * gi);
  });

  it('is what the spec says where all volumes have it, or are yet to be made', () => {
    expect(room({ size: '20Gi' }, [20 * gi, 30 * gi])).toBe(18 * gi);
    expect(room({ size: '20Gi' }, [])).toBe(18 * gi);
    expect(room({ size: '20Gi', limit: '5Gi' }, [10 * gi])).toBe(5 * gi);
  });
});
