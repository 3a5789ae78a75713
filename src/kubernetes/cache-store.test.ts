import fc from 'fast-check';
import { byOwner, CacheStore, type CacheEvent } from './cache-store';
import { type StoredObject } from './object';
import { testSeed } from './testing/random';

function object(name: string, resourceVersion: string, more: Partial<StoredObject['metadata']> = {}): StoredObject {
  const metadata = { name, namespace: 'default', uid: `uid of ${name}`, resourceVersion, ...more };
  return { apiVersion: 'v1', kind: 'Pod', metadata } as StoredObject;
}

const ownedBy = (uid: string) => ({ ownerReferences: [{ uid }] }) as unknown as Partial<StoredObject['metadata']>;

describe('a cache', () => {
  function watched(store: CacheStore): string[] {
    const events: string[] = [];
    store.subscribe(({ type, object: { metadata } }) => events.push(`${type} ${metadata.name}`));
    return events;
  }

  it('holds what a watch told it', () => {
    const store = new CacheStore();
    const events = watched(store);
    store.apply('ADDED', object('a', '1'));
    store.apply('MODIFIED', object('a', '2'));
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('2');
    store.apply('DELETED', object('a', '3'));
    expect(store.size).toBe(0);
    expect(events).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  it('tells a listener what was there before, after the change is in the cache', () => {
    const store = new CacheStore();
    const seen: [string | undefined, string | undefined][] = [];
    store.subscribe((event: CacheEvent) => {
      const now = store.get({ namespace: 'default', name: 'a' });
      seen.push([event.before?.metadata.resourceVersion, now?.metadata.resourceVersion]);
    });
    store.apply('ADDED', object('a', '1'));
    store.apply('MODIFIED', object('a', '2'));
    store.apply('DELETED', object('a', '3'));
    expect(seen).toEqual([
      [undefined, '1'],
      ['1', '2'],
      ['2', undefined],
    ]);
  });

  it('finds by the difference to a list what was deleted, added and changed meanwhile, and says nothing of the rest', () => {
    const store = new CacheStore();
    store.replace([object('gone', '1'), object('same', '2'), object('changed', '3')]);
    const events = watched(store);
    store.replace([object('same', '2'), object('changed', '4'), object('new', '5')]);
    expect(events.sort()).toEqual(['ADDED new', 'DELETED gone', 'MODIFIED changed']);
  });

  it('takes older versions from a list too, as a restored etcd has them', () => {
    const store = new CacheStore();
    store.replace([object('a', '900')]);
    store.replace([object('a', '7')]);
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('7');
  });

  it('sees other content under a version that comes again after a restore', () => {
    const store = new CacheStore();
    store.replace([object('a', '900', { labels: { written: 'before' } })]);
    const events = watched(store);
    store.replace([object('a', '900', { labels: { written: 'after' } })]);
    expect(events).toEqual(['MODIFIED a']);
    expect(store.list()[0]?.metadata.labels).toEqual({ written: 'after' });
  });

  it('sees an object that was made anew under the same name', () => {
    const store = new CacheStore();
    store.replace([object('a', '1')]);
    const events = watched(store);
    store.replace([object('a', '1', { uid: 'another' })]);
    expect(events).toEqual(['MODIFIED a']);
  });

  it('leaves other namespaces alone when one is listed', () => {
    const store = new CacheStore();
    store.replace([object('a', '1', { namespace: 'one' })], 'one');
    store.replace([object('b', '1', { namespace: 'two' })], 'two');
    store.replace([], 'one');
    expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('finds objects by owner and by any index, also after they changed hands', () => {
    const store = new CacheStore({ version: ({ metadata }) => [metadata.resourceVersion] });
    store.apply('ADDED', object('a', '1', ownedBy('x')));
    store.apply('ADDED', object('b', '1', ownedBy('x')));
    expect(store.byIndex(byOwner, 'x')).toHaveLength(2);
    store.apply('MODIFIED', object('a', '2', ownedBy('y')));
    const names = (index: string, value: string) => store.byIndex(index, value).map(({ metadata }) => metadata.name);
    expect(names(byOwner, 'x')).toEqual(['b']);
    expect(names(byOwner, 'y')).toEqual(['a']);
    expect(names('version', '2')).toEqual(['a']);
    store.apply('DELETED', object('b', '3'));
    expect(names(byOwner, 'x')).toEqual([]);
    expect(() => store.byIndex('colour', 'red')).toThrow('no index colour');
  });

  it('goes on when a listener throws, and reports it', () => {
    const errors: unknown[] = [];
    const store = new CacheStore({}, (error) => errors.push(error));
    store.subscribe(() => {
      throw new Error('a bug');
    });
    const events = watched(store);
    store.apply('ADDED', object('a', '1'));
    expect(events).toEqual(['ADDED a']);
    expect(errors).toEqual([new Error('a bug')]);
  });

  it('keeps an object whose index throws, reports it, and goes on', () => {
    const errors: unknown[] = [];
    const colour = ({ metadata: { name, labels } }: StoredObject) => {
      if (!labels) throw new Error(`no labels on ${name}`);
      return [labels.colour ?? ''];
    };
    const store = new CacheStore({ colour }, (error) => errors.push(error));
    const red = { labels: { colour: 'red' } };
    store.replace([object('strange', '1', ownedBy('x')), object('fine', '1', red)]);
    expect(store.list()).toHaveLength(2);
    expect(store.byIndex('colour', 'red').map(({ metadata }) => metadata.name)).toEqual(['fine']);
    expect(store.byIndex(byOwner, 'x')).toHaveLength(1);
    store.apply('MODIFIED', object('strange', '2', red));
    expect(store.byIndex('colour', 'red')).toHaveLength(2);
    store.apply('DELETED', object('strange', '3'));
    expect(store.byIndex('colour', 'red')).toHaveLength(1);
    expect(errors).toEqual([new Error('no labels on strange')]);
  });

  it('holds after any history what a list would show, and its index and its events agree with it', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const stored = fc
      .record({ name, version: fc.integer({ min: 1, max: 9 }), owner: fc.constantFrom('x', 'y') })
      .map(({ name: of, version, owner }) => object(of, String(version), ownedBy(owner)));
    const list = fc.uniqueArray(stored, { selector: ({ metadata }) => metadata.name });
    const step = fc.oneof(
      fc.tuple(fc.constantFrom('ADDED' as const, 'MODIFIED' as const, 'DELETED' as const), stored),
      fc.tuple(fc.constant('LIST' as const), list),
    );
    fc.assert(
      fc.property(fc.array(step), list, (steps, last) => {
        const store = new CacheStore();
        const told = new Map<string, StoredObject>();
        store.subscribe(({ type, object: { metadata }, object: changed }) => {
          if (type === 'DELETED') told.delete(metadata.name);
          else told.set(metadata.name, changed);
        });
        for (const [type, what] of steps) {
          if (type === 'LIST') store.replace(what);
          else store.apply(type, what);
        }
        store.replace(last);
        const versions = (objects: Iterable<StoredObject>) =>
          [...objects].map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
        expect(versions(store.list())).toEqual(versions(last));
        expect(versions(told.values())).toEqual(versions(last));
        expect(versions([...store.byIndex(byOwner, 'x'), ...store.byIndex(byOwner, 'y')])).toEqual(versions(last));
      }),
      { seed: testSeed() },
    );
  });
});
