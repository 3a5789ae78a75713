import { covers } from './covers';

const live = {
  metadata: { name: 'nats', labels: { nats_cluster: 'nats', extra: 'by others' } },
  spec: {
    clusterIP: '10.96.0.7',
    selector: { nats_cluster: 'nats' },
    ports: [
      { name: 'client', port: 4222, protocol: 'TCP', nodePort: 30000 },
      { name: 'by others', port: 1 },
    ],
  },
};

describe('a live object', () => {
  it.each<[string, unknown]>([
    ['a part of it', { spec: { ports: [{ name: 'client', port: 4222 }] } }],
    ['nothing', {}],
    ['an empty map that is not there', { spec: { sessionAffinityConfig: {} } }],
    ['an empty list that is not there', { spec: { externalIPs: [] } }],
    ['a value that is left open', { spec: { type: undefined } }],
    ['the same selector', { spec: { selector: { nats_cluster: 'nats' } } }],
  ])('covers %s', (_, wanted) => {
    expect(covers(live, wanted)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['another value', { spec: { ports: [{ name: 'client', port: 4223 }] } }],
    ['a missing key', { metadata: { labels: { app: 'nats' } } }],
    [
      'one item more',
      {
        spec: {
          ports: [
            { name: 'client', port: 4222 },
            { name: 'websocket', port: 8080 },
          ],
        },
      },
    ],
    ['another type', { spec: { ports: 'client' } }],
  ])('does not cover %s', (_, wanted) => {
    expect(covers(live, wanted)).toBe(false);
  });

  it('does not cover a rule less: somebody let others in', () => {
    const rules = { spec: { ingress: [{ ports: [{ port: 4222 }] }, {}] } };
    expect(covers(rules, rules)).toBe(true);
    expect(covers(rules, { spec: { ingress: [{ ports: [{ port: 4222 }] }] } })).toBe(false);
  });

  it('does not cover a selector that asks for less: others than our pods would be selected', () => {
    const edited = { spec: { selector: { nats_cluster: 'nats', by: 'hand' } } };
    expect(covers(edited, { spec: { selector: { nats_cluster: 'nats' } } })).toBe(false);
  });
});
