import { aReadyPod, aSituation, aWanted, actionsOf, noon, sentencesOf } from './makers';
import { planCluster } from './plan';
import { type SystemUser } from './situation';

const field = 'spec.auth.operator.systemUserSecret';
const secret = { secret: 'operator-jwt', field };

/** What is planned with such credentials while a member has no pod. */
function planWith(systemUser: SystemUser) {
  const pods = [0, 1].map((ordinal) => aReadyPod(ordinal));
  return planCluster(aSituation({ pods, wanted: aWanted({ systemUser }) }));
}

describe('credentials of the system account that the user wrote', () => {
  it.each<[string, SystemUser, string, RegExp]>([
    [
      'in a secret that is gone',
      { missing: secret },
      'SecretMissing',
      /^secret operator-jwt does not exist, which spec\.auth\.operator\.systemUserSecret refers to: create it in namespace default; until then/,
    ],
    [
      'under a key that is gone',
      { missing: { ...secret, key: 'sys.creds' } },
      'SecretMissing',
      /has no key sys\.creds.*: add it/,
    ],
    [
      'of no use',
      { missing: { ...secret, wrong: 'has what is wrong: cure it' } },
      'SecretInvalid',
      /has what is wrong: cure it; until then/,
    ],
    [
      'that have ended',
      { expires: noon - 1000 },
      'CredentialsExpired',
      /systemUserSecret refers to ended at 2030-06-01T11:59:59Z: write new ones; until then/,
    ],
  ])('are spoken of with field and cure, and keep no lost member from coming back: %s', (_, user, reason, words) => {
    const { steps } = planWith(user);
    const spoken = steps.find((step) => step.reason === reason);
    expect(spoken).toMatchObject({ topic: 'Degraded', actions: [] });
    expect(spoken?.because).toMatch(words);
    expect(actionsOf(steps)).toContain('create member 2');
  });

  it('are looked at again when they end, and not spoken of before', () => {
    const { steps, again } = planWith({ expires: noon + 60_000 });
    expect(sentencesOf(steps).join()).not.toContain(field);
    expect(again).toBeLessThanOrEqual(60);
  });
});
