import 'reflect-metadata';

/** A rule over several fields of a class, as the API server checks it and as the operator does. */
export interface Rule<T extends object> {
  /** The rule in CEL, over `self` (and `oldSelf`: then it is a rule about changes, which only the API server checks). */
  cel: string;
  /** The same rule in TypeScript; absent for a rule about changes. */
  holds?: (self: T) => boolean;
  /** What must hold, and so what to do. */
  message: string;
  /** The field to name, relative to the class; absent: the class itself. */
  field?: string;
  /** With `oldSelf` as an optional: the rule is also evaluated on creation. */
  optionalOldSelf?: boolean;
}

const key = Symbol('rules');

/** Adds a rule to a class. The rules stand above the class, beside the fields they are about. */
export function Check<T extends object>(rule: Rule<T>): (target: new () => T) => void {
  return (target) => {
    Reflect.defineMetadata(key, [rule, ...rulesOf(target)], target);
  };
}

/** The rules of a class, in the order in which they are written. */
export function rulesOf<T extends object>(target: new () => T): readonly Rule<T>[] {
  return (Reflect.getOwnMetadata(key, target) ?? []) as Rule<T>[];
}
