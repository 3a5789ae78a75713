import { type Command } from '../../../nats/commands';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type Pod } from './situation';
import { type View } from './survey';

/** The conditions that a step can speak in; Ready follows from the members. */
export type Topic = 'ConfigValid' | 'Progressing' | 'Degraded';

/** One write, or one command to a server. Whatever deletes or changes a pod names exactly the object that was judged. */
export type Action =
  | { readonly do: 'apply'; readonly object: NewObject }
  /** Where pods of lost nodes are replaced, the nodes are named: they are looked up again before. */
  | { readonly do: 'create'; readonly object: NewObject; readonly nodes?: readonly string[] }
  | { readonly do: 'relabel'; readonly object: StoredObject; readonly labels: Changes; readonly annotations: Changes }
  | { readonly do: 'delete'; readonly object: StoredObject }
  /** Without waiting for a kubelet: only for a pod whose node is surely gone. */
  | { readonly do: 'forget'; readonly object: StoredObject; readonly nodes: readonly string[] }
  /** Asks the server of a pod, as the operator's user in the system account. What is denied is kept on the pod: see `deniedBy`. */
  | {
      readonly do: 'command';
      readonly object: Pod;
      readonly command: Command;
      /** Annotations that the pod gets when it was asked, whatever the answer is. */
      readonly note?: Changes;
    };

/** Keys to set, or with null to remove. */
export type Changes = Readonly<Record<string, string | null>>;

/** One thing to do or to wait for, and why. */
export interface Step {
  readonly topic: Topic;
  /** One word for programs. */
  readonly reason: string;
  /** The sentence for people: it becomes the message of the condition, the event and the line in the log. */
  readonly because: string;
  readonly actions: readonly Action[];
  /** Seconds after which to look again, where no event will tell. */
  readonly again?: number;
}

/** What to do about one concern: nothing, or some steps. */
export type Concern = (view: View) => readonly Step[];

/** The first concern that has something to say speaks alone. */
export function firstOf(...concerns: readonly Concern[]): Concern {
  return (view) => {
    for (const concern of concerns) {
      const steps = concern(view);
      if (steps.length > 0) return steps;
    }
    return [];
  };
}

/** All concerns speak, in this order. */
export function allOf(...concerns: readonly Concern[]): Concern {
  return (view) => concerns.flatMap((concern) => concern(view));
}

/**
 * No object is written by two steps: a write names exactly the object that was judged, which the first one changes. What comes
 * later is left to the next plan.
 */
export function oneWriteEach(concern: Concern): Concern {
  return (view) => {
    const written = new Set<string>();
    return concern(view).filter(({ actions }) => {
      const objects = actions.map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`);
      if (objects.some((object) => written.has(object))) return false;
      for (const object of objects) written.add(object);
      return true;
    });
  };
}

/** A concern that keeps quiet while something holds. */
export function unless(holds: (view: View) => boolean, concern: Concern): Concern {
  return (view) => (holds(view) ? [] : concern(view));
}

/** A step that changes something. */
export function doing(reason: string, because: string, actions: readonly Action[]): Step {
  return { topic: 'Progressing', reason, because, actions };
}

/** A step that waits for something on the way to the goal. */
export function waiting(reason: string, because: string, again?: number): Step {
  return { topic: 'Progressing', reason, because, actions: [], again };
}

/** Something that is not as it should be. */
export function trouble(reason: string, because: string, again?: number): Step {
  return { topic: 'Degraded', reason, because, actions: [], again };
}
