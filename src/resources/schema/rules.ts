import 'reflect-metadata';

/** A rule over several fields of a class, written once for the API server (CEL) and once for the operator. */
export interface Rule<T extends object> {
  /** The rule in CEL over `self`. With `oldSelf` it is a rule about changes, which only the API server can check. */
  cel: string;
  /** The same rule in TypeScript; absent for a rule about changes. */
  holds?: (self: T) => boolean;
  /** What must hold, and so what to do. */
  message: string;
  /** The field to name, relative to the class; absent: the class itself. */
  field?: string;
  /** Check on creation, too: `oldSelf` is then an optional value. */
  optionalOldSelf?: boolean;
}

const key = Symbol('rules');

/** Adds a rule to a class. */
export function Check<T extends object>(rule: Rule<T>): (target: new () => T) => void {
  return (target) => {
    Reflect.defineMetadata(key, [rule, ...rulesOf(target)], target);
  };
}

/** The rules of a class, in the order in which they are written above it. */
export function rulesOf<T extends object>(target: new () => T): readonly Rule<T>[] {
  return (Reflect.getOwnMetadata(key, target) ?? []) as Rule<T>[];
}
