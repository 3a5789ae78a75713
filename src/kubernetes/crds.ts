import { isDeepStrictEqual } from 'node:util';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gt, valid } from 'semver';
import { parse } from 'yaml';
import { type ApiClient } from './api-client';
import { asApiError } from './api-error';
import { type NewObject, type StoredObject } from './object';
import { kinds } from './resource-kind';

/** Annotation of a CRD: the version of the operator that it was generated for. */
export const crdVersionAnnotation = 'nats.io/operator-version';

const establishedWithinSeconds = 30;

const cure = 'an administrator runs kubectl apply -f crd/';

/** What the operator uses of a CustomResourceDefinition. */
export interface Crd extends NewObject {
  readonly metadata: NewObject['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean; readonly storage: boolean }[];
  };
}

type StoredCrd = StoredObject & {
  readonly spec: Crd['spec'];
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null };
};

/** Something about CRDs that a person has to do; the message says what. */
export class CrdError extends Error {
  override readonly name = 'CrdError';
}

/** Reads a CRD from a YAML file. */
export function readCrd(path: string): Crd {
  const crd = parse(readFileSync(path, 'utf8')) as Crd;
  if (!crd.apiVersion.startsWith('apiextensions.k8s.io/'))
    throw new CrdError(`${path} holds no CustomResourceDefinition`);
  return crd;
}

/**
 * Makes sure that a CRD is served. With `install` it is written as the file has it, where the operator may and it is not of a
 * newer operator; otherwise it must be there. One that is older will do as long as it serves our version: `warn` is told.
 * Throws a `CrdError` that says which command installs it.
 */
export async function ensureCrd(
  client: ApiClient,
  crd: Crd,
  install: boolean,
  warn: (words: string) => void = () => undefined,
): Promise<void> {
  const { name } = crd.metadata;
  if (install) {
    try {
      if (isOlder(await read(client, crd), crd)) await client.apply(kinds.customResourceDefinition, crd);
    } catch (error) {
      if (asApiError(error)?.status !== 403) throw error;
    }
  }
  const patience = performance.now() + establishedWithinSeconds * 1000;
  for (;;) {
    const state = await stateOf(client, crd);
    if (state === 'outdated') warn(`CRD ${name} is older than this operator and lacks fields: ${cure}`);
    if (state === 'current' || state === 'outdated') return;
    if (state === 'missing') throw new CrdError(`CRD ${name} is not installed: ${cure}`);
    if (state === 'unserved')
      throw new CrdError(`CRD ${name} does not serve ${versionOf(crd)}, which this operator needs: ${cure}`);
    if (performance.now() > patience)
      throw new CrdError(`CRD ${name} is not established: kubectl describe crd ${name}`);
    await sleep(100, undefined, { signal: client.signal });
  }
}

function read(client: ApiClient, { metadata }: Crd): Promise<StoredCrd | undefined> {
  return client.get<StoredCrd>(kinds.customResourceDefinition, metadata);
}

/**
 * Whether what is stored is not as the file has it, nor of a newer operator: while that is rolled out, a replica of the
 * older one that starts again must not take its fields away.
 */
function isOlder(stored: StoredCrd | undefined, { metadata, spec }: Crd): boolean {
  if (!stored) return true;
  const theirs = stored.metadata.annotations?.[crdVersionAnnotation] ?? '';
  const ours = metadata.annotations?.[crdVersionAnnotation] ?? '';
  if (valid(theirs) && valid(ours) && gt(theirs, ours)) return false;
  // the API server adds names that are not given
  const names = { ...stored.spec.names, ...spec.names };
  const isSame = isDeepStrictEqual(stored.spec.versions, spec.versions) && isDeepStrictEqual(stored.spec.names, names);
  return !isSame || theirs !== ours;
}

type State = 'missing' | 'unserved' | 'pending' | 'outdated' | 'current';

async function stateOf(client: ApiClient, crd: Crd): Promise<State> {
  try {
    const stored = await read(client, crd);
    if (!stored) return 'missing';
    if (!stored.spec.versions.some(({ name, served }) => served && name === versionOf(crd))) return 'unserved';
    // a new CRD's conditions are null
    const established = stored.status?.conditions?.some(
      ({ type, status }) => type === 'Established' && status === 'True',
    );
    if (!established) return 'pending';
    return isOlder(stored, crd) ? 'outdated' : 'current';
  } catch (error) {
    if (asApiError(error)?.status !== 403) throw error;
    // whoever may not look at CRDs still sees which kinds are served
    const { group, names } = crd.spec;
    return (await client.serves({ group, version: versionOf(crd), plural: names.plural })) ? 'current' : 'missing';
  }
}

/** The version that the operator reads and writes. */
function versionOf({ spec }: Crd): string {
  return spec.versions.find(({ storage }) => storage)?.name ?? '';
}
