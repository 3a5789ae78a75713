import { trouble, type Step } from './step';
import { type View } from './survey';

/** Days before its end from which on a certificate is spoken of. */
const noticeDays = 14;
const dayMs = 24 * 3600 * 1000;
/** Nobody tells that time goes by, and timers do not last for months. */
const longestPauseSeconds = 6 * 3600;

/** Speaks of certificates that have ended or end soon. Servers go on with them: who is connected already does not care. */
export function checkCertificates({ wanted, now }: View): readonly Step[] {
  return (wanted?.certificates ?? [])
    .filter(({ notAfter }) => notAfter - now <= noticeDays * dayMs)
    .map(({ secret, key, field, notAfter }) => {
      const when = new Date(notAfter).toISOString().slice(0, 10);
      const what = `the certificate under ${key} of secret ${secret}, which ${field} refers to,`;
      return notAfter <= now
        ? trouble(
            'CertificateExpired',
            `${what} ended on ${when}: renew it; until then no member is restarted or reloads`,
          )
        : trouble('CertificateExpiring', `${what} ends on ${when}: renew it`, secondsUntil(notAfter, now));
    });
}

/** Whether one of the certificates has ended: no server is made to read it, as it may have a better one in its memory. */
export function hasExpired({ wanted, now }: View): boolean {
  return wanted?.certificates?.some(({ notAfter }) => notAfter <= now) ?? false;
}

/** Seconds until a certificate is to be spoken of; undefined without certificates. */
export function certificatesAgain({ wanted, now }: View): number | undefined {
  const times = (wanted?.certificates ?? [])
    .map(({ notAfter }) => notAfter - noticeDays * dayMs)
    .filter((at) => at > now);
  return times.length > 0 ? secondsUntil(Math.min(...times), now) : undefined;
}

/** Seconds until a time, or to an earlier look where that is far away. */
export function secondsUntil(at: number, now: number): number {
  return Math.min(longestPauseSeconds, Math.max(1, (at - now) / 1000));
}
