import { CertificateAuthority } from '../../e2e/cluster/control-plane/certificates';
import { aCluster } from '../resources/testing/a-cluster';
import { besidePredecessors } from './predecessor';
import { routeCertificateProblem } from './predecessor-certificate';

const cluster = aCluster({ tls: { routesSecret: 'routes' } });

async function aCertificateFor(...names: string[]) {
  const authority = await CertificateAuthority.create('test');
  const { certificate } = await authority.issue({ commonName: 'route', names });
  return new Map([['routes', new Map([['route.pem', certificate]])]]);
}

describe('the certificate of routes of a cluster with pods of nats-operator 0.8', () => {
  it('must have the names of members beside those of the old pods', async () => {
    const ofOld = await aCertificateFor('*.nats-mgmt.default.svc');
    expect(routeCertificateProblem(besidePredecessors(cluster), ofOld)).toEqual({
      secret: 'routes',
      field: 'spec.tls.routesSecret',
      wrong:
        'has a certificate in route.pem that is not valid for *.nats-routes.default.svc, the names of members: add them beside those of nats-operator 0.8',
    });
    const ofBoth = await aCertificateFor('*.nats-mgmt.default.svc', '*.nats-routes.default.svc');
    expect(routeCertificateProblem(besidePredecessors(cluster), ofBoth)).toBeUndefined();
  });

  it('is not looked at where there are none', async () => {
    expect(routeCertificateProblem(cluster, await aCertificateFor('other'))).toBeUndefined();
  });
});
