import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Flags } from './control-plane';

/** A write that reached the API server, whatever became of it. */
export interface AuditedWrite {
  /** Name of the user. */
  readonly user: string;
  readonly verb: string;
  /** Plural name, such as `pods`, with the subresource: `pods/status`. */
  readonly resource: string;
  /** Absent where the request does not say it: a create of an object whose name is in the body. */
  readonly name?: string;
  /** When the API server had read the head of the request, and when it had its answer: milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Of a write to a Lease: who holds it by that write, if anybody. */
  readonly holder?: string;
}

// Reads are none of our business. The body of a lease tells its holder; of all else it is enough who wrote what and when.
const policy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    { level: 'Request', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    { level: 'Metadata' },
  ],
};

// https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event
interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly resource: string; readonly name?: string; readonly subresource?: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: { readonly spec?: { readonly holderIdentity?: string } };
}

/** The API server's own record of all writes, in the order in which they ended. */
export class AuditLog {
  private readonly path: string;

  constructor(private readonly folder: string) {
    this.path = join(folder, 'audit.log');
  }

  /** Writes the policy and returns the flags with which the API server keeps the record. */
  prepare(): Flags {
    const policyFile = join(this.folder, 'audit-policy.yaml');
    writeFileSync(policyFile, stringify(policy));
    return { 'audit-policy-file': policyFile, 'audit-log-path': this.path };
  }

  /** All writes until now, but for one whose line is just being written. */
  writes(): AuditedWrite[] {
    const lines = readFileSync(this.path, 'utf8').split('\n');
    const writes = lines.slice(0, -1).flatMap((line) => {
      const event = JSON.parse(line) as AuditEvent;
      return event.objectRef ? [writeOf(event, event.objectRef)] : [];
    });
    return writes.sort((a, b) => a.ended - b.ended);
  }
}

function writeOf(
  event: AuditEvent,
  { resource, subresource, name }: NonNullable<AuditEvent['objectRef']>,
): AuditedWrite {
  return {
    user: event.user.username,
    verb: event.verb,
    resource: subresource ? `${resource}/${subresource}` : resource,
    name,
    began: milliseconds(event.requestReceivedTimestamp),
    ended: milliseconds(event.stageTimestamp),
    status: event.responseStatus?.code ?? 0,
    holder: event.requestObject?.spec?.holderIdentity,
  };
}

// metav1.MicroTime; `Date` knows milliseconds only
function milliseconds(time: string): number {
  return Date.parse(time) + Number(/\.\d{3}(\d{3})Z$/.exec(time)?.[1] ?? 0) / 1000;
}
