import {
  type Account,
  type AccountExport,
  type AccountImport,
  type AccountJetStream,
} from '../../resources/nats-cluster/account';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { bytes } from '../../resources/schema/quantity';
import { type Secrets } from '../secrets';
import { type Block } from './nats-conf';
import { userBlock } from './users';

/**
 * The accounts of the spec by name (server/opts.go, parseAccounts); undefined where it has none. Default permissions of all
 * users count in an account that has none of its own; servers see them at each user, as before 2.2.0 accounts know none.
 */
export function accountsBlock(spec: NatsClusterSpec, secrets: Secrets): Record<string, Block> | undefined {
  const accounts = spec.auth?.accounts;
  if (!accounts?.length) return undefined;
  const block = (account: Account): Block => {
    const fallback = account.defaultPermissions ?? spec.auth?.defaultPermissions;
    return {
      users: account.users?.map((user) => userBlock(user, spec, secrets, fallback)),
      exports: account.exports?.map(exportBlock),
      imports: account.imports?.map(importBlock),
      jetstream: account.jetstream && jetStreamBlock(account.jetstream),
      limits: limitsBlock(account),
      mappings: account.mappings,
    };
  };
  return Object.fromEntries(accounts.map((account) => [account.name, block(account)]));
}

function exportBlock({ stream, service, accounts, responseType }: AccountExport): Block {
  return { stream, service, accounts, response_type: responseType };
}

function importBlock({ account, stream, service, to, prefix }: AccountImport): Block {
  return {
    stream: stream === undefined ? undefined : { account, subject: stream },
    service: service === undefined ? undefined : { account, subject: service },
    to,
    prefix,
  };
}

/** Servers take a missing limit for none, but only a word for no limits at all. */
function jetStreamBlock({ memory, storage, streams, consumers }: AccountJetStream): unknown {
  const limits = {
    max_mem: memory === undefined ? undefined : bytes(memory),
    max_file: storage === undefined ? undefined : bytes(storage),
    max_streams: streams,
    max_consumers: consumers,
  };
  return Object.values(limits).every((limit) => limit === undefined) ? 'enabled' : limits;
}

function limitsBlock({ limits }: Account): Block | undefined {
  return (
    limits && {
      max_connections: limits.connections,
      max_subscriptions: limits.subscriptions,
      max_payload: limits.payload,
      max_leafnodes: limits.leafnodes,
    }
  );
}
