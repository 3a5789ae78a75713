import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { eventually } from '../../e2e/cluster/eventually';
import { LeaderElection } from './leader-election';
import { type LeaseSpec } from './lease';
import { type StoredObject } from './object';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';
import { FaultProxy } from './testing/fault-proxy';

describe('a leader that gives its lease away', () => {
  let controlPlane: TemporaryControlPlane;
  let proxy: FaultProxy;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    proxy = await FaultProxy.start(controlPlane);
  }, 180_000);

  afterAll(async () => {
    proxy.stop();
    await controlPlane.remove();
  });

  it.each(['GET', 'PUT'])(
    'does not take it back by a renewal that has begun: its %s is under way',
    async (slow) => {
      const lease = { namespace: 'default', name: slow.toLowerCase() };
      const troubles: unknown[] = [];
      const options = { lease, identity: 'me', onTrouble: (error: unknown) => troubles.push(error) };
      const election = new LeaderElection(clientOf(proxy.kubeconfig).client, options);
      const others = proxy.requests.length;
      const calls = () => proxy.requests.slice(others);
      let ended = 0;
      proxy.onEnd = () => ended++;
      await election.acquire(new AbortController().signal);

      const before = calls().length;
      proxy.mischief = ({ method }) => (method === slow ? { kind: 'delay', ms: 1000 } : undefined);
      const released = new AbortController();
      const held = election.hold(released.signal);
      await eventually(60, () => {
        expect(
          calls()
            .slice(before)
            .some(({ method }) => method === slow),
        ).toBe(true);
        return Promise.resolve();
      });
      released.abort();
      await held;
      await election.release();

      const made = calls().length;
      expect(election.leads).toBe(false);
      await eventually(60, () => {
        expect(ended).toBe(calls().length);
        return Promise.resolve();
      });
      expect(calls()).toHaveLength(made);
      const stored = await clientOf(controlPlane.kubeconfig).client.get<StoredObject & { spec: LeaseSpec }>(
        kinds.lease,
        lease,
      );
      expect(stored?.spec).toMatchObject({ leaseTransitions: 1 });
      expect(stored?.spec.holderIdentity).toBeUndefined();
      expect(troubles).toEqual([]);
    },
    180_000,
  );
});
