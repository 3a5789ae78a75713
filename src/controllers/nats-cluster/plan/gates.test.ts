import { aSituation, aView, aWanted, aWaitingPod, planned, sentencesOf } from './makers';
import { planCluster } from './plan';
import { refuseInvalidSpec } from './refuse-invalid-spec';
import { respectPause } from './respect-pause';
import { waitForSecrets } from './wait-for-secrets';

describe('an invalid spec', () => {
  const problems = [
    { field: 'spec.size', message: 'must be at least 1' },
    { field: 'spec.version', message: 'must be a full version such as 2.15.2' },
  ];

  it('is refused with all that is wrong', () => {
    expect(refuseInvalidSpec(aView({ wanted: undefined, problems }))).toEqual([
      expect.objectContaining({
        topic: 'ConfigValid',
        because:
          'spec.size: must be at least 1; spec.version: must be a full version such as 2.15.2. Nothing is changed until then',
      }),
    ]);
  });

  it('changes nothing that runs, and heals nothing', () => {
    expect(planned({ wanted: undefined, problems, pods: [aWaitingPod(0, 'CrashLoopBackOff')] })).toEqual([]);
  });
});

describe('a paused cluster', () => {
  const wanted = aWanted({ paused: true, version: '2.14.0' });

  it('is left alone', () => {
    expect(planned({ wanted, pods: [] })).toEqual([]);
    expect(planned({ wanted })).toEqual([]);
  });

  it('says so', () => {
    expect(sentencesOf(respectPause(aView({ wanted })))).toEqual([
      'spec.paused is true: nothing is created, changed or deleted until it is false',
    ]);
  });
});

describe('a missing secret', () => {
  const missing = [
    { secret: 'nats-tls', field: 'spec.tls.serverSecret' },
    { secret: 'routes-tls', key: 'route.pem', field: 'spec.tls.routesSecret' },
  ];

  it('is named with its key and the field that refers to it', () => {
    expect(sentencesOf(waitForSecrets(aView({ wanted: aWanted({ missing }) })))).toEqual([
      'secret nats-tls does not exist, which spec.tls.serverSecret refers to: create it in namespace default',
      'secret routes-tls has no key route.pem, which spec.tls.routesSecret refers to: add it in namespace default',
    ]);
  });

  it('that is there and can not be used is named with the cure', () => {
    const wrong = 'has under k a password that is empty: write one';
    const unusable = [{ secret: 's', field: 'spec.auth.tokenSecret', wrong }];
    expect(waitForSecrets(aView({ wanted: aWanted({ missing: unusable }) }))).toMatchObject([
      {
        reason: 'SecretInvalid',
        because: `secret s, which spec.auth.tokenSecret refers to, ${wrong}. Nothing is changed until then`,
      },
    ]);
  });

  it('leaves all that runs as it is', () => {
    expect(planned({ wanted: aWanted({ missing, version: '2.14.0' }) })).toEqual([]);
  });

  it('is waited for before anything is made', () => {
    expect(planned({ wanted: aWanted({ missing }), pods: [] })).toEqual([]);
  });

  it('does not hide what else is wrong', () => {
    const { steps } = planCluster(
      aSituation({ wanted: aWanted({ missing: missing.slice(1) }), pods: [aWaitingPod(0, 'ImagePullBackOff')] }),
    );
    expect(steps.map(({ reason }) => reason)).toEqual(['SecretMissing', 'ImagePullFailed']);
  });
});
