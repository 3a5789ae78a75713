import { aCluster } from '../resources/testing/a-cluster';
import { networkPolicy } from './network-policy';

interface Rule {
  from?: object[];
  ports?: { port: number }[];
}

const app = { podSelector: { matchLabels: { app: 'mine' } } };

function rules(policy: object, spec: object = {}): Rule[] {
  const made = networkPolicy(aCluster({ networkPolicy: policy, ...spec }));
  if (!made) throw new Error('no policy');
  return made.spec.ingress as Rule[];
}

/** The ports that a peer reaches, or everyone without one. */
function reachable(all: readonly Rule[], peer?: object): number[] {
  return all
    .filter(({ from }) => (peer ? from?.some((other) => JSON.stringify(other) === JSON.stringify(peer)) : !from))
    .flatMap(({ ports = [] }) => ports.map(({ port }) => port));
}

describe('the network policy', () => {
  it('is not there unless the spec asks for it', () => {
    expect(networkPolicy(aCluster())).toBeUndefined();
  });

  it('lets members reach each other on every port', () => {
    const members = { podSelector: { matchLabels: { app: 'nats', nats_cluster: 'nats' } } };
    expect(rules({})).toContainEqual({ from: [members] });
  });

  it('lets the operator reach monitoring and clients, in whatever namespace it is', () => {
    const operator = {
      namespaceSelector: {},
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'nats-operator' } },
    };
    expect(reachable(rules({ clients: [] }), operator)).toEqual([4222, 8222]);
  });

  it('opens to everyone what the spec does not restrict, but never monitoring', () => {
    const spec = { leafnodeConfig: {}, gatewayConfig: {}, websocketConfig: {}, jetstream: {}, mqtt: {} };
    expect(reachable(rules({}, spec))).toEqual([4222, 8080, 1883, 7222, 7422]);
  });

  it('opens to nobody what has an empty list', () => {
    expect(reachable(rules({ clients: [], clusters: [] }, { leafnodeConfig: {} }))).toEqual([]);
  });

  it('opens to those of a list only their ports', () => {
    const spec = { leafnodeConfig: {}, websocketConfig: {}, pod: { enableMetrics: true } };
    expect(reachable(rules({ clients: [app], clusters: [] }, spec), app)).toEqual([4222, 8080]);
    expect(reachable(rules({ clusters: [app], clients: [] }, spec), app)).toEqual([7422]);
    expect(reachable(rules({ monitoring: [app], clients: [] }, spec), app)).toEqual([8222, 7777]);
  });

  it('has no rule for ports that are not there', () => {
    expect(reachable(rules({ clusters: [app], clients: [] }), app)).toEqual([]);
  });

  it('lets a cluster that is a route of this one in', () => {
    const other = { podSelector: { matchLabels: { app: 'nats', nats_cluster: 'other' } } };
    expect(reachable(rules({}, { extraRoutes: [{ cluster: 'other' }] }), other)).toEqual([6222]);
  });
});
