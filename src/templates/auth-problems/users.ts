import * as semver from 'semver';
import { type AuthSpec } from '../../resources/nats-cluster/auth';
import { type Problem } from '../../resources/parse';
import { usersOf } from '../nats-conf/credential-names';
import { systemUser } from '../nats-conf/system-account';
import { usersFrom } from '../nats-conf/users-from';
import { nkeyProblems } from './nkey';

/** What is wrong with users: names and nkeys that are there twice, in whatever accounts, and credentials that are none. */
export function userProblems(auth: AuthSpec, version: string): Problem[] {
  const taken = new Map<string, string>();
  return usersOf(auth).flatMap(({ user: { name, nkey, passwordSecret, allowedConnectionTypes = [] }, field }) => {
    const first = taken.get(name) ?? taken.get(nkey ?? name);
    for (const key of [name, nkey ?? name]) taken.set(key, taken.get(key) ?? field);
    const types = `${field}.allowedConnectionTypes`;
    const elsewhere = allowedConnectionTypes.filter((type) => type !== 'STANDARD');
    const hasCredential = nkey !== undefined || passwordSecret !== undefined;
    return [
      ...(first ? [{ field, message: `is the same user as ${first}: name each user once, in whatever account` }] : []),
      ...(name === systemUser ? [{ field, message: "has the name of the operator's own user: take another" }] : []),
      ...nkeyProblems(`${field}.nkey`, nkey),
      ...(hasCredential || elsewhere.length === 0
        ? []
        : [
            {
              field: types,
              message: `has ${elsewhere.join(', ')}, where no certificate says who a client is: give the user a passwordSecret or an nkey`,
            },
          ]),
      ...allowedConnectionTypes.flatMap((type) => typeProblems(types, type, version)),
    ];
  });
}

/** Kinds of connection that are younger than `allowed_connection_types` itself: first version (server/auth.go). */
const youngTypes: Readonly<Record<string, string>> = { LEAFNODE_WS: '2.7.0', MQTT_WS: '2.7.0', IN_PROCESS: '2.11.0' };

function typeProblems(field: string, type: string, version: string): Problem[] {
  const first = youngTypes[type];
  const known = first === undefined || semver.parse(version) === null || semver.gte(version, first);
  if (known) return [];
  const message = `has ${type}, which needs nats-server ${first} or newer, and spec.version is ${version}: remove it or upgrade`;
  return [{ field, message }];
}

/** What is wrong with those that name users and accounts: the callout and the user of clients without credentials. */
export function calloutProblems(auth: AuthSpec): Problem[] {
  const { callout, noAuthUser } = auth;
  const accounts = new Set([...(auth.accounts ?? []).map(({ name }) => name), '$G']);
  const isStranger = (name: string) => !namesIn(auth).has(name);
  // who else is in a Secret or a file is not known here
  const { secret, file } = usersFrom(auth);
  const strangers = secret || file ? [] : (callout?.authUsers ?? []).filter(isStranger);
  const guest = secret || file ? undefined : noAuthUser;
  return [
    ...(guest && isStranger(guest)
      ? [{ field: 'spec.auth.noAuthUser', message: `is no user of the spec: add user ${guest}, or name another` }]
      : []),
    ...strangers.map((name) => ({
      field: 'spec.auth.callout.authUsers',
      message: `has ${name}, which is no user of the spec: add it to the users of the service's account`,
    })),
    ...(callout?.account && !accounts.has(callout.account)
      ? [{ field: 'spec.auth.callout.account', message: `is no account of the spec: add account ${callout.account}` }]
      : []),
    ...nkeyProblems('spec.auth.callout.issuer', callout?.issuer),
    ...nkeyProblems('spec.auth.callout.xkey', callout?.xkey),
  ];
}

function namesIn(auth: AuthSpec): ReadonlySet<string | undefined> {
  return new Set(usersOf(auth).flatMap(({ user }) => [user.name, user.nkey]));
}
