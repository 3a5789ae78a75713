import { actionsOf, aReadyPod, aView, aWanted, noon, planned, sentencesOf } from './makers';
import { certificatesAgain, checkCertificates } from './check-certificates';

const day = 24 * 3600 * 1000;
const certificate = (notAfter: number) => ({
  secret: 'clients',
  key: 'server.pem',
  field: 'spec.tls.serverSecret',
  notBefore: 0,
  notAfter,
  serial: '01',
});
const viewUntil = (notAfter: number) => aView({ wanted: aWanted({ certificates: [certificate(notAfter)] }) });

describe('a certificate', () => {
  it('is not spoken of for long, and looked at again in time', () => {
    expect(checkCertificates(viewUntil(noon + 15 * day))).toEqual([]);
    expect(certificatesAgain(viewUntil(noon + 14 * day + 60_000))).toBe(60);
    expect(certificatesAgain(viewUntil(noon + 400 * day))).toBe(6 * 3600);
    expect(certificatesAgain(aView())).toBeUndefined();
  });

  it('is spoken of 14 days before it ends', () => {
    const steps = checkCertificates(viewUntil(noon + 14 * day));
    expect(steps.map(({ reason }) => reason)).toEqual(['CertificateExpiring']);
    expect(sentencesOf(steps)).toEqual([
      'the certificate under server.pem of secret clients, which spec.tls.serverSecret refers to, ends on 2030-06-15: renew it',
    ]);
  });

  it('that has ended reaches no running server, but lost members are made again', () => {
    const wanted = aWanted({ certificates: [certificate(noon - 1)], restartHash: 'new', wholeHash: 'new' });
    expect(planned({ wanted })).toEqual([]);
    expect(planned({ wanted, pods: [0, 1].map((ordinal) => aReadyPod(ordinal)) })).toEqual(['create member 2']);
    const steps = checkCertificates(viewUntil(noon - 1));
    expect(steps.map(({ reason }) => reason)).toEqual(['CertificateExpired']);
    expect(actionsOf(steps)).toEqual([]);
  });
});
