import { whatIsMissing } from './wait-for-secrets';
import { trouble, type Step } from './step';
import { type View } from './survey';
import { secondsUntil } from './check-certificates';

const consequence = 'until then no server can be asked for anything, and changes that are reloaded wait';

/**
 * Speaks of the credentials in `auth.operator.systemUserSecret` that can't be used. Servers go on, and so does all that needs no
 * request to them: members that are lost are made again.
 */
export function checkSystemUser({ wanted, cluster, now }: View): readonly Step[] {
  const { missing, expires } = wanted?.systemUser ?? {};
  if (missing) {
    const reason = missing.wrong === undefined ? 'SecretMissing' : 'SecretInvalid';
    return [trouble(reason, `${whatIsMissing(missing, cluster.metadata)}; ${consequence}`)];
  }
  if (expires === undefined || expires > now) return [];
  const when = new Date(expires).toISOString().replace(/\.\d+Z$/, 'Z');
  const what = `the credentials that spec.auth.operator.systemUserSecret refers to ended at ${when}`;
  return [trouble('CredentialsExpired', `${what}: write new ones; ${consequence}`)];
}

/** Seconds until the credentials end; undefined where they do not. */
export function systemUserAgain({ wanted, now }: View): number | undefined {
  const { expires } = wanted?.systemUser ?? {};
  return expires === undefined || expires <= now ? undefined : secondsUntil(expires, now);
}
