/** What people ask for with `kubectl annotate`: it is no part of what a cluster is, and most of it is done once. */
export const requestAnnotations = {
  /** Any new value restarts all members one by one, as `kubectl rollout restart` does; to take it away restarts nothing. */
  restart: 'nats.io/restart',
  /** Each new value makes the JetStream meta leader step down once. */
  stepDownMetaLeader: 'nats.io/step-down-meta-leader',
  /** Names of nodes, separated by commas, on which no member is to run. */
  moveAwayFrom: 'nats.io/move-away-from',
  /** `true` does what `spec.paused` does. */
  paused: 'nats.io/paused',
} as const;

/** What the annotations of a cluster ask for. */
export interface Requests {
  readonly restart?: string;
  readonly stepDownMetaLeader?: string;
  /** Nodes on which no member is to run, sorted. */
  readonly awayFrom: readonly string[];
  readonly paused: boolean;
  /** What can't be understood, and the cure, one sentence an annotation. */
  readonly problems: readonly string[];
}

/** As the API server takes names of nodes; a pod that names another one would be refused. */
const nodeName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

type Annotations = Readonly<Record<string, string>>;

const none: Annotations = {};

// a plan asks for each pod
const known = new WeakMap<Annotations, Requests>();

/** Reads the annotations of a cluster. Never throws for what a person wrote. The same annotations give the same result. */
export function requestsOf({ annotations = none }: { readonly annotations?: Annotations }): Requests {
  const requests = known.get(annotations) ?? readRequests(annotations);
  known.set(annotations, requests);
  return requests;
}

function readRequests(annotations: Annotations): Requests {
  const { restart, stepDownMetaLeader, moveAwayFrom, paused } = requestAnnotations;
  const nodes = (annotations[moveAwayFrom] ?? '').split(',').flatMap((name) => name.trim() || []);
  const wrong = nodes.filter((name) => !nodeName.test(name));
  const problems = wrong.map((name) => `annotation ${moveAwayFrom}: ${JSON.stringify(name)} is no name of a node`);
  const pause = annotations[paused];
  if (pause !== undefined && !['true', 'false', ''].includes(pause)) {
    problems.push(`annotation ${paused}: ${JSON.stringify(pause)} means nothing: it must be "true" or "false"`);
  }
  return {
    restart: annotations[restart] || undefined,
    stepDownMetaLeader: annotations[stepDownMetaLeader] || undefined,
    awayFrom: [...new Set(nodes)].filter((name) => !wrong.includes(name)).sort(),
    paused: pause === 'true',
    problems,
  };
}
