import { type SecretValues } from '../secrets';
import { jsonProblem, listed, readJson, type Wrong } from './json';
import { passwordProblem } from './text';

/** What servers tell each other to be let in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Seconds, where the secret has them. */
  readonly timeout?: number;
}

/** Why a secret is not the credentials of routes or gateways; undefined where it is. */
export function credentialsProblem(values: SecretValues): Wrong | undefined {
  const found = contentOf(values);
  if ('wrong' in found) return found;
  const { username, password, timeout, ...others } = found.content;
  const unknown = Object.keys(others);
  if (unknown.length > 0) {
    return { wrong: `has ${listed(unknown)}, which is not known: it takes username, password and timeout` };
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    return { wrong: 'has a timeout that is not a number of seconds: write one' };
  }
  // servers log in with it, so it must be plain
  const hashed = typeof password === 'string' && /^\$2[abxy]\$/.test(password);
  if (hashed) return { wrong: 'has a password as bcrypt, with which no server can log in: write it plain' };
  return passwordProblem('a username', username) ?? passwordProblem('a password', password);
}

/** The credentials in a secret. Throws where `credentialsProblem` says something. */
export function readCredentials(values: SecretValues): Credentials {
  const found = contentOf(values);
  if ('wrong' in found) throw new Error(`the secret ${found.wrong}`);
  return found.content as unknown as Credentials;
}

/** Two keys, or one key of JSON as nats-operator 0.8 had it. */
function contentOf(values: SecretValues): { content: Record<string, unknown> } | Wrong {
  const [username, password] = [values.get('username'), values.get('password')];
  if (username !== undefined && password !== undefined) return { content: { username, password } };
  const problem = values.size === 1 ? jsonProblem(values) : undefined;
  if (values.size !== 1 || problem) {
    return {
      wrong: 'must have the keys username and password, or one key whose value is JSON with these: write it so',
    };
  }
  return { content: readJson(values).object };
}
