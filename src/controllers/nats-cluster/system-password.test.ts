import { configSecret } from '../../templates/config-secret';
import { rotateAnnotation } from '../../templates/names';
import { renderedConf } from '../../templates/nats-conf/nats-conf';
import { aCluster } from '../../resources/testing/a-cluster';
import { type SystemPassword } from '../../templates/config-secret';
import { SystemPasswords } from './system-password';

/** By an operator that has just started. */
function systemPassword(...[of, secret]: Parameters<SystemPasswords['of']>): SystemPassword {
  return new SystemPasswords(() => 'made now').of(of, secret);
}

function cluster(annotations?: Record<string, string>) {
  return aCluster({}, { annotations });
}

/** The secret as it is after it was written with what `systemPassword` said. */
function stored(of: ReturnType<typeof cluster>, password: SystemPassword) {
  const conf = renderedConf(of, new Map(), [], password.now);
  const secret = configSecret(of, conf, password);
  const metadata = { ...secret.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: '' };
  return { ...secret, metadata, data: secret.data as Record<string, string> };
}

describe('the password of the operator in the system account', () => {
  it('is random and long', () => {
    const [one, other] = [0, 1].map(() => new SystemPasswords().of(cluster(), undefined).now);
    expect(one).not.toBe(other);
    expect(one?.length).toBeGreaterThanOrEqual(32);
  });

  it('stays what the secret says', () => {
    const secret = stored(cluster(), { now: 'old' });
    expect(systemPassword(cluster(), secret)).toEqual({ now: 'old' });
  });

  it('is made anew, once, when a person asks for it, and the one before is kept for servers that know no other yet', () => {
    const asked = cluster({ [rotateAnnotation]: '2026-11-24' });
    const made = systemPassword(asked, stored(cluster(), { now: 'old' }));
    expect(made).toEqual({ now: 'made now', before: 'old', rotation: '2026-11-24' });
    expect(systemPassword(asked, stored(asked, made))).toEqual(made);
    expect(systemPassword(cluster(), stored(asked, made))).toEqual(made);
  });

  it('comes back as it was where the secret is deleted or emptied while the operator runs', () => {
    const passwords = new SystemPasswords(() => 'made now');
    const secret = stored(cluster(), { now: 'old' });
    passwords.of(cluster(), secret);
    expect(passwords.of(cluster(), undefined).now).toBe('old');
    expect(passwords.of(cluster(), { ...secret, data: {} }).now).toBe('old');
    const another = { metadata: { ...cluster().metadata, uid: 'another of that name' } };
    expect(passwords.of(another, undefined).now).toBe('made now');
    passwords.forget(cluster().metadata);
    expect(passwords.of(cluster(), undefined).now).toBe('made now');
  });

  it('is what servers know by their nats.conf, where a person took the key away or wrote another one', () => {
    const secret = stored(cluster(), { now: 'old', before: 'older' });
    const with_ = (password: object) => ({
      ...secret,
      data: { 'nats.conf': secret.data['nats.conf'] ?? '', ...password },
    });
    expect(systemPassword(cluster(), with_({})).now).toBe('old');
    const mine = { 'system-password': Buffer.from('mine').toString('base64') };
    expect(systemPassword(cluster(), with_(mine))).toEqual({ now: 'mine', before: 'old' });
  });

  it('is made anew where the secret is gone or has none', () => {
    expect(systemPassword(cluster(), undefined).now).toBe('made now');
    const secret = { ...stored(cluster(), { now: 'old' }), data: { 'nats.conf': 'eA==' } };
    expect(systemPassword(cluster(), secret).now).toBe('made now');
  });
});
