import { CertificateAuthority } from '../../e2e/cluster/control-plane/certificates';
import { aCluster } from '../resources/testing/a-cluster';
import { certificateProblem, certificatesOf } from './certificates';
import { serverTls } from './secrets';

const cluster = aCluster({ tls: { serverSecret: 'clients' } });

describe('a certificate in a secret', () => {
  let good: Map<string, string>;
  let authority: CertificateAuthority;

  beforeAll(async () => {
    authority = await CertificateAuthority.create('test');
    const { certificate, key } = await authority.issue({ commonName: 'nats' });
    good = new Map([
      ['ca.pem', authority.pair.certificate],
      ['server.pem', certificate],
      ['server-key.pem', key],
    ]);
  });

  function problem(changes: Record<string, string>): string | undefined {
    const files = cluster.spec.tls && serverTls(cluster.spec.tls);
    if (!files) throw new Error('no TLS');
    return certificateProblem(files, new Map([...good, ...Object.entries(changes)]))?.wrong;
  }

  it('is fine with its key and its authority, alone or below another', async () => {
    expect(problem({})).toBeUndefined();
    const other = await CertificateAuthority.create('other');
    expect(problem({ 'ca.pem': other.pair.certificate + authority.pair.certificate })).toBeUndefined();
  });

  it('is refused with the key of another', async () => {
    const { key } = await authority.issue({ commonName: 'other' });
    expect(problem({ 'server-key.pem': key })).toBe(
      'has a key under server-key.pem that does not belong to the certificate under server.pem: renew both',
    );
  });

  it('is refused where another authority signed it', async () => {
    const { pair } = await CertificateAuthority.create('test');
    expect(problem({ 'ca.pem': pair.certificate })).toMatch(
      /^has a certificate under server.pem that no authority under ca.pem/,
    );
  });

  it.each(['ca.pem', 'server.pem', 'server-key.pem'])('is refused with nonsense under %s', (key) => {
    expect(problem({ [key]: 'nonsense' })).toMatch(new RegExp(`^has no .* under ${key}`));
    expect(problem({ [key]: 'nonsense' })).not.toContain('nonsense');
  });

  it('tells from when to when it holds, and its serial number', async () => {
    const to = new Date('2031-01-01T00:00:00Z');
    const from = new Date('2030-01-01T00:00:00Z');
    const { certificate } = await authority.issue({ commonName: 'x', validity: { from, to } });
    expect(certificatesOf(cluster, new Map([['clients', new Map([...good, ['server.pem', certificate]])]]))).toEqual([
      {
        secret: 'clients',
        key: 'server.pem',
        field: 'spec.tls.serverSecret',
        notBefore: from.getTime(),
        notAfter: to.getTime(),
        serial: expect.stringMatching(/^[0-9A-F]+$/) as string,
      },
    ]);
  });
});
