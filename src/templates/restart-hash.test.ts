import { aCluster } from '../resources/testing/a-cluster';
import { restartHash } from './restart-hash';

const hash = (spec: Record<string, unknown> = {}) => restartHash(aCluster(spec).spec, false);
const reloading = (spec: Record<string, unknown> = {}) => restartHash(aCluster(spec).spec, true);

describe('the restart hash', () => {
  it.each([
    { size: 5 },
    { paused: true },
    { updateStrategy: { maxUnavailable: 2 } },
    { podDisruptionBudget: { minAvailable: 1 } },
    { servicePolicy: { labels: { a: 'b' } } },
    { pod: { labels: { a: 'b' }, annotations: { c: 'd' } } },
    { networkPolicy: { clients: [] } },
    { pod: { bootconfigImage: 'b', bootconfigImageTag: '1' } },
    { useServerName: true },
  ])('stays the same for %j, which reaches no running server', (spec) => {
    expect(hash(spec)).toBe(hash());
  });

  it.each([
    { version: '2.14.9' },
    { serverImage: 'registry.example.com/nats' },
    { logging: { debug: true } },
    { pod: { nodeSelector: { a: 'b' } } },
    { natsConfig: { maxPayload: 1000 } },
    { lameDuck: { durationSeconds: 60 } },
    { tls: { serverSecret: 'certificates' } },
    { config: { ping_max: 3 } },
    { gatewayConfig: { name: 'east' } },
    { leafnodeConfig: { hostPort: 4224 } },
    { websocketConfig: {} },
    { pod: { enableMetrics: true } },
    { pod: { advertiseExternalIP: true } },
    { extraRoutes: [{ cluster: 'other' }] },
  ])('changes for %j', (spec) => {
    expect(hash(spec)).not.toBe(hash());
  });

  it('does not care whether a default is written out, or in which place or order', () => {
    expect(hash({ logging: { debug: false }, image: { pullPolicy: 'IfNotPresent' } })).toBe(hash());
    expect(hash({ natsConfig: { debug: true } })).toBe(hash({ logging: { debug: true } }));
    expect(hash({ config: { a: 1, b: 2 } })).toBe(hash({ config: { b: 2, a: 1 } }));
    expect(hash({ version: 'v2.15.2' })).toBe(hash({ version: '2.15.2' }));
  });

  it.each([
    { logging: { debug: true, trace: true } },
    { natsConfig: { maxPayload: 1000, write_deadline: '5s' } },
    { noAdvertise: true },
    { config: { ping_max: 3, cluster: { pool_size: 5 } } },
  ])('leaves %j out where servers can reload it', (spec) => {
    expect(reloading(spec)).toBe(reloading());
  });

  it.each([
    { version: '2.14.9' },
    { lameDuck: { durationSeconds: 60 } },
    { natsConfig: { maxPending: 1000 } },
    { pod: { nodeSelector: { a: 'b' } } },
    { config: { lame_duck_grace_period: '1s' } },
    { config: { cluster: { name: 'other' } } },
    { config: { some_key_of_the_future: 1 } },
  ])('still changes for %j, which no server reloads', (spec) => {
    expect(reloading(spec)).not.toBe(reloading());
  });

  it('knows that a full resolver takes other preloaded accounts over with a restart only', () => {
    const operator = (type: string, preloadSecret: string) => ({
      auth: {
        operator: {
          jwtSecret: { name: 's', key: 'k' },
          systemAccount: 'A'.padEnd(56, 'A'),
          resolver: { type, preloadSecret },
        },
      },
    });
    expect(reloading(operator('memory', 'a'))).toBe(reloading(operator('memory', 'b')));
    expect(reloading(operator('full', 'a'))).not.toBe(reloading(operator('full', 'b')));
  });

  it('leaves nothing out for a version that takes no such request', () => {
    expect(reloading({ version: '2.9.25', logging: { debug: true } })).not.toBe(reloading({ version: '2.9.25' }));
  });

  // Running clusters carry this very value: where it changes, a new operator restarts all of them.
  it('has the value that released operators wrote', () => {
    expect(hash({ version: '2.15.2' })).toMatchInlineSnapshot(`"be6cbca4a0c804d4"`);
    expect(reloading({ version: '2.15.2' })).toBe(hash({ version: '2.15.2' }));
  });
});
