import { connect } from '@nats-io/transport-node';
import { CertificateAuthority } from '../cluster/control-plane/certificates';
import { eventually } from '../cluster/eventually';
import { shownSerial } from '../../src/nats/shown-certificate';
import { X509Certificate } from 'node:crypto';
import { isReady, NatsClusters, type Pod } from '../testing/nats-clusters';
import { forwarded } from '../testing/port-forward';

const namespace = 'reload-e2e';
const name = 'quick';
const secretName = 'quick-tls';

const bad = { accounts: { A: { imports: [{ stream: { account: 'NOBODY', subject: 'x' } }] } } };

// Each test finds what the one before it left.
describe.each(['2.10.29', '2.15.2'])('a change of a cluster of %s', (version) => {
  let clusters: NatsClusters;
  let before: Pod[];
  let authority: CertificateAuthority;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    authority = await CertificateAuthority.create('clients');
    const lameDuck = { durationSeconds: 30, gracePeriodSeconds: 1 };
    await clusters.create(name, { size: 3, version, lameDuck });
    await clusters.settled(name, 3, version);
    before = await clusters.members(name);
  }, 600_000);

  afterAll(() => clusters.remove(), 330_000);

  it('that servers can take over while they run is reloaded by all of them, and none is restarted', async () => {
    await clusters.edit(name, { logging: { debug: true }, natsConfig: { maxPayload: 2000 } });
    await eventually(180, async () => {
      for (const ordinal of [0, 1, 2]) expect(await varz(ordinal)).toMatchObject({ max_payload: 2000 });
      await clusters.expectSettled(name, 3, version);
    });
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 330_000);

  it('leaves anonymous clients welcome, who see nothing of the system account', async () => {
    await onPort(4222, 0, async (port) => {
      const client = await connect({ servers: `127.0.0.1:${port}`, reconnect: false, ignoreClusterUpdates: true });
      await expect(client.request('$SYS.REQ.SERVER.PING', '', { timeout: 20_000 })).rejects.toThrow(/no responders/);
      await client.close();
    });
  }, 240_000);

  it('reaches all of them also when the password of the operator, or the secret that has it, was taken away by hand', async () => {
    const password = () => clusters.run('get', 'secret', name, '-o', 'jsonpath={.data.system-password}');
    const known = await password();
    const takeAway = JSON.stringify([{ op: 'remove', path: '/data/system-password' }]);
    const faults = [
      { args: ['patch', 'secret', name, '--type=json', '-p', takeAway], maxPayload: 3000 },
      { args: ['delete', 'secret', name], maxPayload: 4000 },
    ];
    for (const { args, maxPayload } of faults) {
      await clusters.run(...args);
      await eventually(60, async () => {
        expect(await password()).toBe(known);
      });
      await clusters.edit(name, { natsConfig: { maxPayload } });
      await eventually(180, async () => {
        for (const ordinal of [0, 1, 2]) expect(await varz(ordinal)).toMatchObject({ max_payload: maxPayload });
        await clusters.expectSettled(name, 3, version);
      });
    }
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 600_000);

  it('that a server refuses is told in its own words, and meets one server only', async () => {
    await clusters.edit(name, { config: bad });
    await clusters.condition(name, 'ConfigValid', 'False', 'NOBODY', 150);
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 330_000);

  it('that a server refuses is not what members start with: killed servers are back, and so is a member that is made again', async () => {
    await Promise.all(before.map(({ metadata }) => killServer(metadata.name)));
    await eventually(240, async () => {
      const pods = await clusters.members(name);
      const notKilled = pods.filter(({ status }) => status.containerStatuses?.[0]?.restartCount === 0);
      await Promise.all(notKilled.filter(isReady).map(({ metadata }) => killServer(metadata.name)));
      expect(notKilled).toEqual([]);
      expect(pods.filter(isReady)).toHaveLength(3);
    });
    const [gone, ...others] = before;
    await clusters.run('delete', 'pod', gone!.metadata.name, '--wait=false');
    await eventually(180, async () => {
      const now = await clusters.members(name);
      expect(uids(now)).toEqual([expect.not.stringMatching(gone!.metadata.uid), ...uids(others)]);
      expect(now.filter(isReady)).toHaveLength(3);
    });
    await eventually(60, async () => {
      for (const ordinal of [0, 1, 2]) expect(await varz(ordinal)).toMatchObject({ max_payload: 4000 });
    });
    await clusters.condition(name, 'ConfigValid', 'False', 'NOBODY', 150);
  }, 600_000);

  it('that is taken back leaves all as it was', async () => {
    before = await clusters.members(name);
    await clusters.edit(name, { config: null });
    await clusters.condition(name, 'ConfigValid', 'True', '', 150);
    await clusters.settled(name, 3, version);
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 330_000);

  it('that a server found when it started again by itself is not kept, where it was taken back since', async () => {
    before = await clusters.members(name);
    const [{ metadata }] = before as [Pod];
    const { max_payload: payload } = (await varz(0)) as { max_payload: number };
    await clusters.edit(name, { paused: true });
    await clusters.condition(name, 'Progressing', 'True', 'spec.paused');
    const conf = Buffer.from(
      await clusters.run('get', 'secret', name, '-o', String.raw`jsonpath={.data.nats\.conf}`),
      'base64',
    );
    const other =
      conf.toString().replace(/nats-operator-config:\w+/, 'nats-operator-config:other') + '"max_payload": 777777\n';
    const data = { 'nats.conf': Buffer.from(other).toString('base64') };
    await clusters.run('patch', 'secret', name, '--type=merge', '-p', JSON.stringify({ data }));
    // its kubelet looks at the file then
    await clusters.run('annotate', 'pod', metadata.name, `look-at=${Date.now()}`);
    await eventually(120, async () => {
      const found = await varz(0);
      // one that was too early for the file
      if ((found as { max_payload: number }).max_payload === payload) await killServer(metadata.name);
      expect(found).toMatchObject({ max_payload: 777_777 });
    });
    await clusters.edit(name, { paused: false });
    await eventually(120, async () => {
      expect(await varz(0)).toMatchObject({ max_payload: payload });
      await clusters.expectSettled(name, 3, version);
    });
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 300_000);

  it('that servers would not start with stops a roll at its first member, and no other one is lost', async () => {
    // the duration of the lame duck mode needs a restart
    await clusters.edit(name, { config: bad, lameDuck: { durationSeconds: 31 } });
    await clusters.condition(name, 'ConfigValid', 'False', 'NOBODY', 150);
    await eventually(120, async () => {
      expect((await clusters.members(name)).filter(isReady)).toHaveLength(3);
    });
    const now = uids(await clusters.members(name));
    expect(now.filter((uid) => uids(before).includes(uid))).toHaveLength(2);
    await clusters.edit(name, { config: null });
    await clusters.condition(name, 'ConfigValid', 'True', '', 150);
    await clusters.healed(name, 3, version, before, 240);
  }, 900_000);

  it('that needs a restart rolls', async () => {
    await secret(authority);
    await clusters.edit(name, { tls: { serverSecret: secretName } });
    await clusters.healed(name, 3, version, before, 240);
    before = await clusters.members(name);
  }, 600_000);

  it('of a certificate is shown by all servers without a restart, and a broken one by none', async () => {
    const serial = await secret(authority);
    await eventually(240, async () => {
      for (const ordinal of [0, 1, 2]) expect(await serialOf(ordinal)).toBe(serial);
      await clusters.expectSettled(name, 3, version);
    });
    await secret(authority, await CertificateAuthority.create('stranger'));
    await clusters.condition(name, 'Degraded', 'True', 'no authority under ca.pem');
    // a look that took too long has seen nothing
    for (const ordinal of [0, 1, 2]) {
      await eventually(60, async () => {
        expect(await serialOf(ordinal)).toBe(serial);
      });
    }
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 400_000);

  /** A new certificate in the secret, signed by one authority and beside the certificate of maybe another. Its serial number. */
  async function secret(signer: CertificateAuthority, shown = signer): Promise<string> {
    const { certificate, key } = await signer.issue({ commonName: 'server', names: [`${name}.${namespace}.svc`] });
    const stringData = { 'ca.pem': shown.pair.certificate, 'server.pem': certificate, 'server-key.pem': key };
    const metadata = { name: secretName, namespace };
    await clusters.kubectl.apply({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData });
    return new X509Certificate(certificate).serialNumber;
  }

  async function serialOf(ordinal: number): Promise<string | undefined> {
    return onPort(4222, ordinal, (port) => shownSerial('127.0.0.1', port));
  }

  /** Ends a server as a crash would. That the call ends with it is no fault. */
  async function killServer(pod: string): Promise<void> {
    await clusters.run('exec', pod, '--', '/nats-server', '--signal', 'quit=1').catch(() => undefined);
  }

  async function varz(ordinal: number): Promise<object> {
    return onPort(8222, ordinal, async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/varz`);
      return (await answer.json()) as object;
    });
  }

  async function onPort<T>(port: number, ordinal: number, use: (localPort: number) => Promise<T>): Promise<T> {
    const member = (await clusters.members(name))[ordinal];
    if (!member) throw new Error(`no member ${ordinal}`);
    return forwarded(clusters.kubectl, [namespace, member.metadata.name, port], use);
  }
});

function uids(pods: Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
