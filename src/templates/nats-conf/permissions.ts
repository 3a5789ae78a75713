import { has } from '../../nats/capabilities';
import { type Block } from './nats-conf';

/** Permissions, wherever they come from. */
export interface May {
  readonly publish?: Subjects;
  readonly subscribe?: Subjects;
  readonly allowResponses?: { readonly max?: number; readonly expires?: string };
}

interface Subjects {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/**
 * What a user may do (server/opts.go, parseUserPermissions). A list that is there and empty allows nothing: servers would take
 * it for none. Before 1.3.0 they let nobody do what no list allows (server/client.go, RegisterUser); later ones let everybody.
 */
export function permissionsBlock({ publish, subscribe, allowResponses }: May, version: string): Block {
  return {
    publish: subjects(publish, version),
    subscribe: subjects(subscribe, version),
    allow_responses: allowResponses && { max: allowResponses.max, expires: allowResponses.expires },
  };
}

function subjects({ allow, deny = [] }: Subjects = {}, version: string): unknown {
  const knowsDeny = has(version, 'subjectDeny');
  if (allow?.length === 0) return knowsDeny ? { deny: ['>'] } : [];
  if (deny.length > 0) return { allow, deny };
  return allow ?? (knowsDeny ? undefined : ['>']);
}
