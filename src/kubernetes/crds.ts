import { isDeepStrictEqual } from 'node:util';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { type ApiClient } from './api-client';
import { asApiError } from './api-error';
import { type NewObject, type StoredObject } from './object';
import { kinds } from './resource-kind';

const establishedWithinSeconds = 30;

/** What the operator uses of a CustomResourceDefinition. */
export interface Crd extends NewObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean; readonly storage: boolean }[];
  };
}

type StoredCrd = StoredObject & {
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
 * Makes sure that a CRD is served. With `install` it is written as the file has it, where the operator may; otherwise it
 * must be there. Throws a `CrdError` that says which command installs it.
 */
export async function ensureCrd(client: ApiClient, crd: Crd, install: boolean): Promise<void> {
  const { name } = crd.metadata;
  if (install) {
    try {
      if (!(await isCurrent(client, crd))) await client.apply(kinds.customResourceDefinition, crd);
    } catch (error) {
      if (asApiError(error)?.status !== 403) throw error;
    }
  }
  const patience = performance.now() + establishedWithinSeconds * 1000;
  for (;;) {
    const state = await stateOf(client, crd);
    if (state === 'established') return;
    if (state === 'missing') {
      throw new CrdError(`CRD ${name} is not installed: an administrator runs kubectl apply -f crd/`);
    }
    if (performance.now() > patience)
      throw new CrdError(`CRD ${name} is not established: kubectl describe crd ${name}`);
    await sleep(100, undefined, { signal: client.signal });
  }
}

/** Whether it is as the file has it: then a start writes nothing. */
async function isCurrent(client: ApiClient, { metadata, spec }: Crd): Promise<boolean> {
  const stored = (await client.get(kinds.customResourceDefinition, metadata)) as Crd | undefined;
  // the API server adds names that are not given
  const names = { ...stored?.spec.names, ...spec.names };
  return isDeepStrictEqual(stored?.spec.versions, spec.versions) && isDeepStrictEqual(stored?.spec.names, names);
}

async function stateOf(client: ApiClient, { metadata, spec }: Crd): Promise<'missing' | 'pending' | 'established'> {
  try {
    const stored = await client.get<StoredCrd>(kinds.customResourceDefinition, metadata);
    if (!stored) return 'missing';
    // a new CRD's conditions are null
    const established = stored.status?.conditions?.some(
      ({ type, status }) => type === 'Established' && status === 'True',
    );
    return established ? 'established' : 'pending';
  } catch (error) {
    if (asApiError(error)?.status !== 403) throw error;
    // whoever may not look at CRDs still sees which kinds are served
    const version = spec.versions.find(({ storage }) => storage)?.name ?? '';
    const served = await client.serves({ group: spec.group, version, plural: spec.names.plural });
    return served ? 'established' : 'missing';
  }
}
