import { configSecret } from '../../templates/config-secret';
import { rotateAnnotation } from '../../templates/names';
import { renderedConf } from '../../templates/nats-conf/nats-conf';
import { aCluster } from '../../resources/testing/a-cluster';
import { type StoredObject } from '../../kubernetes/object';
import { systemPassword } from './system-password';

const random = () => 'made now';

function cluster(annotations?: Record<string, string>) {
  return aCluster({}, { annotations });
}

/** The secret as it is after it was written with what `systemPassword` said. */
function stored(of: ReturnType<typeof cluster>, password: ReturnType<typeof systemPassword>): StoredObject {
  const conf = renderedConf(of, new Map(), [], password.now);
  const secret = configSecret(of, conf, password);
  return { ...secret, metadata: { ...secret.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: '' } };
}

describe('the password of the operator in the system account', () => {
  it('is random and long', () => {
    const [one, other] = [systemPassword(cluster(), undefined), systemPassword(cluster(), undefined)];
    expect(one.now).not.toBe(other.now);
    expect(one.now.length).toBeGreaterThanOrEqual(32);
  });

  it('stays what the secret says', () => {
    const secret = stored(cluster(), { now: 'old' });
    expect(systemPassword(cluster(), secret, random)).toEqual({ now: 'old' });
  });

  it('is made anew, once, when a person asks for it, and the one before is kept for servers that know no other yet', () => {
    const asked = cluster({ [rotateAnnotation]: '2026-11-24' });
    const made = systemPassword(asked, stored(cluster(), { now: 'old' }), random);
    expect(made).toEqual({ now: 'made now', before: 'old', rotation: '2026-11-24' });
    const never = () => {
      throw new Error('made again');
    };
    expect(systemPassword(asked, stored(asked, made), never)).toEqual(made);
    expect(systemPassword(cluster(), stored(asked, made), never)).toEqual(made);
  });

  it('is made anew where the secret is gone or has none', () => {
    expect(systemPassword(cluster(), undefined, random).now).toBe('made now');
    const secret = { ...stored(cluster(), { now: 'old' }), data: { 'nats.conf': 'eA==' } };
    expect(systemPassword(cluster(), secret, random).now).toBe('made now');
  });
});
