import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { NatsCluster } from './nats-cluster/nats-cluster';
import { NatsServiceRole } from './nats-service-role/nats-service-role';

/** Something wrong with a resource: where, and what must hold instead. */
export interface Problem {
  /** Path of the field, such as `spec.auth.users[0].name`. */
  readonly field: string;
  readonly message: string;
}

/** A resource with its types and defaults, or what is wrong with it. Warnings are about fields that nobody knows. */
export type Parsed<T> =
  | { readonly resource: T; readonly problems?: undefined; readonly warnings: readonly Problem[] }
  | { readonly resource?: undefined; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Reads a NatsCluster as the API server returned it. Never throws for what a user wrote. */
export function parseNatsCluster(raw: object): Parsed<NatsCluster> {
  return parse(NatsCluster, raw);
}

/** Reads a NatsServiceRole as the API server returned it. Never throws for what a user wrote. */
export function parseNatsServiceRole(raw: object): Parsed<NatsServiceRole> {
  return parse(NatsServiceRole, raw);
}

function parse<T extends object>(type: new () => T, raw: object): Parsed<T> {
  const resource = plainToInstance(type, raw);
  const problems = validateSync(resource).flatMap((error) => flatten(error, ''));
  return problems.length > 0 ? { problems, warnings: [] } : { resource, warnings: [] };
}

function flatten({ property, constraints, children }: ValidationError, parent: string): Problem[] {
  const field = /^\d+$/.test(property) ? `${parent}[${property}]` : parent ? `${parent}.${property}` : property;
  return [
    ...Object.values(constraints ?? {}).map((message) => ({ field, message })),
    ...(children ?? []).flatMap((child) => flatten(child, field)),
  ];
}
