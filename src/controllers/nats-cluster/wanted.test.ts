import { nkeys } from '@nats-io/transport-node';
import { aCluster } from '../../resources/testing/a-cluster';
import { decorationAnnotation, recordOf } from '../../templates/decoration';
import {
  certificatesAnnotation,
  encryptionAnnotation,
  routesTlsAnnotation,
  restartHashAnnotation,
  routesAnnotation,
} from '../../templates/names';
import { accountJwt, credentials, operatorJwt } from '../../templates/testing/jwt';
import { CertificateAuthority } from '../../../e2e/cluster/control-plane/certificates';
import { isCurrent } from './plan/pod-config';
import { type Pod, type Wanted } from './plan/situation';
import { wantedOf } from './wanted';

interface Made {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
}

let pair: { certificate: string; key: string };

beforeAll(async () => {
  ({ pair } = await CertificateAuthority.create('test'));
});

/** Secrets with these keys: a certificate that is its own authority, and its key. */
const secrets = (entries: Record<string, string[]> = {}) =>
  new Map(
    Object.entries(entries).map(([name, keys]) => [
      name,
      new Map(keys.map((key) => [key, key.includes('key') ? pair.key : pair.certificate])),
    ]),
  );

describe('what a cluster asks for', () => {
  it('is the config, two services and a budget', () => {
    const { objects } = wantedOf(aCluster(), secrets());
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Secret nats',
      'Service nats',
      'Service nats-routes',
      'PodDisruptionBudget nats',
    ]);
  });

  it('has no budget where the spec turns it off', () => {
    const { objects } = wantedOf(aCluster({ podDisruptionBudget: { enabled: false } }), secrets());
    expect(objects.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  });

  it('has pods that say what they were made from, so that a pod is never made again for nothing', () => {
    const wanted = wantedOf(aCluster(), secrets());
    const { metadata } = wanted.pod(2, 'nats-abc') as unknown as Made;
    expect(metadata.annotations[restartHashAnnotation]).toBe(wanted.restartHash);
    expect(metadata.annotations[decorationAnnotation]).toBe(recordOf(wanted.decoration));
  });

  it('has pods that say what secrets they were made from, and whose routes these let in', () => {
    const made = (password: string) => {
      const spec = { auth: { clusterAuthSecret: 's' } };
      const content = new Map([['s', new Map(Object.entries({ username: 'a', password }))]]);
      return (wantedOf(aCluster(spec), content).pod(0, 'nats-abc') as unknown as Made).metadata.annotations;
    };
    for (const key of ['nats.io/secrets-hash', routesAnnotation]) {
      expect(made('one')[key]).toBe(made('one')[key]);
      expect(made('one')[key]).not.toBe(made('two')[key]);
      expect(made('hidden')[key]).not.toContain('hidden');
    }
  });

  describe('with users from service accounts', () => {
    const app = { name: 'app', password: 'token', permissions: { publish: ['a'], subscribe: ['b'] } };
    const current = (version: string, pod: object, before: object[], after: object[]) => {
      const cluster = aCluster({ version, pod, auth: { enableServiceAccounts: true } });
      const [made, wanted] = [before, after].map((users) =>
        wantedOf(cluster, secrets(), users as (typeof app)[], { now: 'secret' }),
      );
      return isCurrent(made?.pod(0, 'nats-abc') as unknown as Pod, wanted);
    };
    const changes = [
      ['a new one', [], [app]],
      ['the last one gone', [app], []],
      ['another token', [app], [{ ...app, password: 'renewed' }]],
      ['other permissions', [app], [{ ...app, permissions: { publish: ['c'] } }]],
    ] as const;

    it.each(changes)('restarts servers that can not be asked to reload: %s', (_, before, after) => {
      for (const version of ['2.1.9', '2.9.25']) {
        expect(current(version, {}, [...before], [...after])).toBe(false);
        expect(current(version, {}, [...before], [...before])).toBe(true);
      }
    });

    it.each(changes)('restarts none that reload, or whose sidecar tells them to: %s', (_, before, after) => {
      expect(current('2.15.2', {}, [...before], [...after])).toBe(true);
      expect(current('2.9.25', { enableConfigReload: true }, [...before], [...after])).toBe(true);
    });
  });

  describe('with certificates', () => {
    const files = (cert: string) =>
      new Map(secrets({ s: ['ca.pem', 'server.pem', 'server-key.pem'] })).set(
        's',
        new Map([...(secrets({ s: ['ca.pem', 'server-key.pem'] }).get('s') ?? []), ['server.pem', cert]]),
      );
    const wanted = (spec: object, cert: string) =>
      wantedOf(aCluster({ tls: { serverSecret: 's' }, ...spec }), files(cert), [], { now: 'secret' });
    const renewed = () => `${pair.certificate}\n`;
    const isStillCurrent = (spec: object) =>
      isCurrent(wanted(spec, pair.certificate).pod(0, 'nats-abc') as unknown as Pod, wanted(spec, renewed()));
    const whoIsInCertificates = { auth: { tlsVerifyAndMap: true } };

    it.each([
      ['1.0.4', {}],
      ['2.9.25', {}],
      ['2.15.2', whoIsInCertificates],
    ])('restarts servers that can not be asked to reload for renewed ones: %s', (version, auth) => {
      expect(isStillCurrent({ version, ...auth })).toBe(false);
      const { pod } = wanted({ version, ...auth }, renewed());
      expect(isCurrent(pod(0, 'nats-abc') as unknown as Pod, wanted({ version, ...auth }, renewed()))).toBe(true);
    });

    it('restarts none that reload, or whose sidecar tells them to', () => {
      expect(isStillCurrent({ version: '2.15.2' })).toBe(true);
      expect(isStillCurrent({ version: '2.9.25', pod: { enableConfigReload: true } })).toBe(true);
    });

    it('restarts pods of older operators, which do not say, only for those that were made after them', () => {
      const now = wanted({ version: '2.9.25' }, pair.certificate);
      const made = now.pod(0, 'nats-abc') as unknown as Made & Pod;
      const annotations = Object.fromEntries(
        Object.entries(made.metadata.annotations).filter(([key]) => key !== certificatesAnnotation),
      );
      const [{ notBefore } = { notBefore: 0 }] = now.certificates ?? [];
      const pod = (at: number) => ({
        ...made,
        metadata: { ...made.metadata, annotations, creationTimestamp: new Date(at).toISOString() },
      });
      expect(isCurrent(pod(notBefore + 1000), now)).toBe(true);
      expect(isCurrent(pod(notBefore - 1000), now)).toBe(false);
    });
  });

  it('has pods that say whether their routes have TLS', () => {
    const of = (tls: object) => {
      const files = new Map(['ca.pem', 'route.pem', 'route-key.pem'].map((file) => [file, 'x']));
      const wanted = wantedOf(aCluster({ tls }), new Map([['routes', files]]));
      return (wanted.pod(0, 'nats-abc') as unknown as Made).metadata.annotations[routesTlsAnnotation];
    };
    expect(of({ routesSecret: 'routes' })).toBe('on');
    expect(of({ routesTLSTimeout: 3 })).toBe('off');
  });

  it('has pods that say which key encrypts their streams, without showing it, and knows the one before', () => {
    const of = (key: string, uid = 'first') => {
      const encryption = { keySecret: { name: 's', key: 'k' }, previousKeySecret: { name: 's', key: 'p' } };
      const spec = { version: '2.15.2', jetstream: { fileStorage: { size: '1Gi' }, encryption } };
      const content = new Map([['s', new Map(Object.entries({ k: key, p: 'hidden' }))]]);
      const wanted = wantedOf(aCluster(spec, { uid }), content);
      const { annotations } = (wanted.pod(0, 'nats-abc') as unknown as Made).metadata;
      return { key: annotations[encryptionAnnotation], before: wanted.encryption?.before };
    };
    expect(of('one').key).toBe(of('one\n').key);
    expect(of('one').key).not.toBe(of('two').key);
    expect(of('hidden').key).toBe(of('one').before);
    expect(of('hidden').key).not.toContain('hidden');
    // what claims say holds for the next cluster that has their name
    expect(of('one', 'made again').key).toBe(of('one').key);
  });

  it('decorates pods with the labels and annotations of the spec, but for those that are ours', () => {
    const { decoration } = wantedOf(
      aCluster({
        template: { metadata: { labels: { team: 'a', tier: 'x', app: 'mine' } } },
        pod: { labels: { team: 'b' }, annotations: { note: 'n' } },
      }),
      secrets(),
    );
    expect(decoration).toEqual({ labels: { team: 'b', tier: 'x', app: 'nats' }, annotations: { note: 'n' } });
  });
});

describe('a cluster that trusts a JWT operator', () => {
  const keys = { operator: nkeys.createOperator(), system: nkeys.createAccount() };
  const creds = credentials(keys.system);
  const account = keys.system.getPublicKey();
  const jwts = [{}, { leaf: 5 }].map((limits) => accountJwt(keys.operator, keys.system, limits));
  const op = operatorJwt(keys.operator);
  const all = { 'op.jwt': op, 'sys.creds': creds };
  const wantedWith = (content: object, named = true, type = 'memory', [preload = ''] = jwts) => {
    const jwtSecret = { name: 's', key: 'op.jwt' };
    const systemUserSecret = named ? { name: 's', key: 'sys.creds' } : undefined;
    const resolver = { type, preloadSecret: 'accounts' };
    const cluster = aCluster({ auth: { operator: { jwtSecret, systemAccount: account, resolver, systemUserSecret } } });
    const found = new Map([
      ['s', new Map(Object.entries(content) as [string, string][])],
      ['accounts', new Map([[account, preload]])],
    ]);
    return wantedOf(cluster, found, [], { now: 'password' });
  };
  const runs = (made: Wanted, wanted: Wanted) => isCurrent(made.pod(0, 'nats-abc') as unknown as Pod, wanted);

  it('comes with the credentials that the spec names, and knows when they end', () => {
    expect(wantedWith(all).access?.credentials).toEqual([{ creds }]);
    expect(wantedWith(all).systemUser).toEqual({});
    const ending = credentials(keys.system, undefined, { exp: 2_000_000_000 });
    expect(wantedWith({ ...all, 'sys.creds': ending }).systemUser?.expires).toBe(2_000_000_000_000);
  });

  it.each([
    ['are gone', { 'op.jwt': op }],
    ['are of another account', { ...all, 'sys.creds': credentials(nkeys.createAccount()) }],
  ])('goes on without a restart or another config where they %s, and shows them to no server', (_, content) => {
    const [before, wanted] = [wantedWith(all), wantedWith(content)];
    expect(wanted.missing).toEqual([]);
    expect(wanted.systemUser?.missing).toMatchObject({ secret: 's', field: 'spec.auth.operator.systemUserSecret' });
    expect(wanted.objects).toEqual(before.objects);
    expect(wanted.access?.credentials).toEqual([]);
    expect(runs(before, wanted)).toBe(true);
  });

  it('restarts nobody when they are named, and all when they no longer are: servers keep an id that nobody can ask for', () => {
    expect(runs(wantedWith(all, false), wantedWith(all))).toBe(true);
    expect(runs(wantedWith(all), wantedWith(all, false))).toBe(false);
  });

  it('restarts servers for other preloaded accounts only where they do not reload these', () => {
    const [before, after] = [[jwts[0] ?? ''], [jwts[1] ?? '']];
    expect(runs(wantedWith(all, true, 'memory', before), wantedWith(all, true, 'memory', after))).toBe(true);
    expect(runs(wantedWith(all, true, 'full', before), wantedWith(all, true, 'full', after))).toBe(false);
    expect(runs(wantedWith(all, true, 'full', before), wantedWith(all, true, 'full', before))).toBe(true);
  });
});

describe('secrets that are missing', () => {
  it('keep the tokens of service accounts from servers, too', () => {
    const spec = { auth: { enableServiceAccounts: true }, tls: { routesSecret: 'routes' } };
    const tokensIn = (found: ReturnType<typeof secrets>) =>
      wantedOf(aCluster(spec), found, [], undefined, [], 'tokens').serviceTokens;
    expect(tokensIn(secrets())).toBeUndefined();
    expect(tokensIn(secrets({ routes: ['ca.pem', 'route.pem', 'route-key.pem'] }))).toBe('tokens');
  });

  const tls = { serverSecret: 'server', routesSecret: 'routes' };

  it('are named with the field that refers to them, and nothing is rendered', () => {
    const { missing, objects } = wantedOf(
      aCluster({ tls }),
      secrets({ server: ['ca.pem', 'server.pem', 'server-key.pem'] }),
    );
    expect(missing).toEqual([{ secret: 'routes', field: 'spec.tls.routesSecret' }]);
    expect(objects).toEqual([]);
  });

  it('are named with each key that they lack', () => {
    const { missing } = wantedOf(
      aCluster({ tls: { routesSecret: 'routes' } }),
      secrets({ routes: ['ca.pem', 'tls.key'] }),
    );
    expect(missing).toEqual([{ secret: 'routes', field: 'spec.tls.routesSecret', key: 'route.pem or tls.crt' }]);
  });

  it('are none where all is there, under either name', () => {
    const { missing } = wantedOf(
      aCluster({ tls }),
      secrets({ server: ['tls.crt', 'tls.key'], routes: ['ca.pem', 'route.pem', 'route-key.pem'] }),
    );
    expect(missing).toEqual([]);
  });
});
