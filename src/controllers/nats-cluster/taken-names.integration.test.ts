import { eventually } from '../../../e2e/cluster/eventually';
import { type NewObject, type StoredObject } from '../../kubernetes/object';
import { kinds, type ResourceKind } from '../../kubernetes/resource-kind';
import { clusterLabel } from '../../templates/names';
import { operatedKwok } from '../../testing/operated-kwok';

const expected = { size: 1, version: '2.15.2' };
const namespace = 'default';

const foreign: Record<string, [ResourceKind, object]> = {
  Secret: [kinds.secret, { stringData: { 'nats.conf': 'not yours' } }],
  Service: [kinds.service, { spec: { selector: { app: 'other' }, ports: [{ port: 80 }] } }],
  PodDisruptionBudget: [
    kinds.podDisruptionBudget,
    { spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'other' } } } },
  ],
};

// Caches show what has the label of a cluster: of all else the operator learns when it is to make something in its place.
describe('an object that has the name of one of a cluster', () => {
  const operated = operatedKwok();

  it.each(Object.keys(foreign))(
    'and belongs to somebody else stays as it is, for a new cluster and after a restart: %s',
    async (what) => {
      const [kind, content] = foreign[what] ?? [kinds.secret, {}];
      const name = `taken-${what.toLowerCase()}`;
      const { group, version, kind: kindName } = kind;
      const apiVersion = group ? `${group}/${version}` : version;
      const object = { apiVersion, kind: kindName, metadata: { name, namespace }, ...content } as NewObject;
      const before = contentOf(await operated.kwok.client.create(kind, object));
      const cluster = operated.kwok.natsCluster(name);
      await cluster.create(expected);
      const isRefused = () =>
        eventually(60, async () => {
          expect((await cluster.get())?.status?.reason).toContain(
            `${kindName} ${name} exists and is not of this cluster`,
          );
        });
      await isRefused();
      await operated.restartOperator();
      await cluster.edit({ lameDuckDurationSeconds: 31 }); // with a status that must be written anew
      await eventually(60, async () => {
        const { metadata, status } = (await cluster.get()) ?? {};
        expect(status?.observedGeneration).toBe(metadata?.generation);
      });
      await isRefused();
      expect(contentOf(await operated.kwok.client.get(kind, { namespace, name }))).toEqual(before);
      expect(await cluster.pods()).toEqual([]);
      await operated.kwok.client.delete(kind, { namespace, name }, {});
      await cluster.edit({ lameDuckDurationSeconds: 32 }); // of an object without label nobody tells that it is gone
      await cluster.settled(expected, 60);
    },
    200_000,
  );

  it('and lost its label gets it back', async () => {
    const cluster = operated.kwok.natsCluster('labelled');
    await cluster.create(expected);
    await cluster.settled(expected, 60);
    const key = { namespace, name: 'labelled' };
    const [before] = [await operated.kwok.client.get(kinds.secret, key)];
    for (const kind of [kinds.secret, kinds.service, kinds.podDisruptionBudget]) {
      await operated.kwok.client.mergePatch(kind, key, { metadata: { labels: { [clusterLabel]: null } } });
    }
    await cluster.settled(expected, 60);
    const after = await operated.kwok.client.get(kinds.secret, key);
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(contentOf(after)).toEqual(contentOf(before)); // with the password that servers have
  }, 150_000);
});

/** All that a write by the operator would change. */
function contentOf(object: StoredObject | undefined): object {
  return { ...object, metadata: { ...object?.metadata, resourceVersion: undefined }, status: undefined };
}
