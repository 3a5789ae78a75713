import { type Account, type AccountExport, type AccountImport } from '../../resources/nats-cluster/account';
import { type AuthSpec } from '../../resources/nats-cluster/auth';
import { type Problem } from '../../resources/parse';
import { coversSubject } from '../nats-conf/subjects';
import { isKey } from '../nats-conf/text';
import { subjectProblems } from './subjects';

/** What is wrong with accounts and with what they give each other. */
export function accountProblems({ accounts = [] }: AuthSpec, hasJetStream: boolean): Problem[] {
  return accounts.flatMap((account, index) => {
    const field = `spec.auth.accounts[${index}]`;
    const { name, jetstream, exports = [], imports = [], mappings = {} } = account;
    const problem = (at: string, message: string) => [{ field: field + at, message }];
    const isWritable = [name, ...Object.keys(mappings)].every(isKey);
    return [
      ...(name === '$G' ? problem('.name', 'is the global account: its users are those in spec.auth.users') : []),
      ...(isWritable
        ? []
        : problem('', 'has a name with both kinds of quotes, which nats.conf cannot have: rename it')),
      ...(jetstream && !hasJetStream
        ? problem('.jetstream', 'needs JetStream on the servers: add spec.jetstream, or remove it')
        : []),
      ...exports.flatMap((exported, at) => exportProblems(`${field}.exports[${at}]`, exported, accounts)),
      ...imports.flatMap((imported, at) => importProblems(`${field}.imports[${at}]`, account, imported, accounts)),
      ...subjectProblems(`${field}.mappings`, Object.keys(mappings)),
    ];
  });
}

function exportProblems(field: string, exported: AccountExport, accounts: readonly Account[]): Problem[] {
  const { stream, service, responseType, accounts: only = [] } = exported;
  const unknown = only.filter((name) => !accounts.some((other) => other.name === name));
  return [
    ...subjectProblems(field, [stream ?? service ?? '']),
    ...(stream !== undefined && responseType !== undefined
      ? [{ field: `${field}.responseType`, message: 'belongs to a service: remove it from the stream' }]
      : []),
    ...unknown.map((name) => ({
      field: `${field}.accounts`,
      message: `has ${name}, which is no account of the spec: add the account, or remove it here`,
    })),
  ];
}

function importProblems(
  field: string,
  { name }: Account,
  imported: AccountImport,
  accounts: readonly Account[],
): Problem[] {
  const { account, stream, service, to, prefix } = imported;
  const from = accounts.find((other) => other.name === account);
  if (!from) {
    return [{ field: `${field}.account`, message: `is no account of the spec: add ${account}, or name another` }];
  }
  const kind = stream === undefined ? 'service' : 'stream';
  const subject = stream ?? service ?? '';
  const isExported = from.exports?.some(
    (exported) => coversSubject(exported[kind] ?? '', subject) && (exported.accounts?.includes(name) ?? true),
  );
  return [
    ...(isExported
      ? []
      : [{ field, message: `wants ${kind} ${subject}, which ${account} does not export to ${name}: add the export` }]),
    ...(prefix !== undefined && (service !== undefined || to !== undefined)
      ? [{ field: `${field}.prefix`, message: 'belongs to a stream without `to`: name the local subject with `to`' }]
      : []),
    ...subjectProblems(
      field,
      [subject, to, prefix].filter((text) => text !== undefined),
    ),
  ];
}
