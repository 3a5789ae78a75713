import { bytes } from '../../../resources/schema/quantity';
import { clusterLabel, encryptionAnnotation, memberLabel, streamsOfAnnotation } from '../../../templates/names';
import { covers } from './covers';
import { runningMode } from './jetstream/held-streams';
import { hasLeft } from './jetstream/leave-jetstream';
import { ownerOf } from './owner';
import { conditionOf } from './pod-state';
import { type Claim, type NewClaim, type Situation } from './situation';
import { doing, trouble, waiting, type Action, type Step } from './step';
import { isReady, listed, type Member, type View } from './survey';

type Apply = Extract<Action, { do: 'apply' }>;

/** A claim gets its volume when its pod is scheduled. One that waits for longer than this many seconds is stuck. */
const patienceSeconds = 60;

/** Makes a claim for each member that has none, before its pod; lets claims grow; and says what is wrong with them. */
export function keepClaims(view: View): readonly Step[] {
  const made: Apply[] = [];
  const changed: Apply[] = [];
  const grown: Apply[] = [];
  const steps: Step[] = [];
  for (const member of view.members) {
    const asked = view.wanted?.claim?.(member.ordinal);
    if (!asked) continue;
    const live = claimOf(view, member);
    const wanted = asItRuns(member, asked, live);
    if (!live) {
      made.push({ do: 'apply', object: wanted });
      continue;
    }
    const problem = refusal(view, live);
    if (problem) {
      steps.push(problem);
      continue;
    }
    const { resourceVersion } = live.metadata;
    // never to be written over another one than was judged, and never smaller: the API server would refuse it
    const smaller = sizeOf(live) > sizeOf(wanted);
    const object = {
      ...wanted,
      metadata: { ...wanted.metadata, resourceVersion },
      spec: { ...wanted.spec, ...(smaller && { resources: { requests: live.spec?.resources?.requests } }) },
    };
    const action = { do: 'apply', object } as const;
    const fixed = fixedProblem(live, wanted);
    if (fixed) steps.push(fixed);
    else if (sizeOf(live) < sizeOf(wanted)) {
      const cannot = growthProblem(view, live, wanted);
      if (cannot) steps.push(cannot);
      else grown.push(action);
    } else if (isOwned(view, live) !== isOwned(view, wanted) || !isMarked(live, wanted)) changed.push(action);
    steps.push(...progressOf(view, member, live, wanted));
  }
  const names = (actions: readonly Apply[]) => listed(actions.map(({ object }) => object.metadata.name));
  return [
    ...(made.length > 0 ? [doing('Applying', `${claims(made)} ${names(made)} did not exist`, made)] : []),
    ...(changed.length > 0 ? [doing('Applying', `${claims(changed)} ${names(changed)} differed`, changed)] : []),
    ...(grown.length > 0
      ? [doing('GrowingClaims', `${claims(grown)} ${names(grown)} grow as the spec says`, grown)]
      : []),
    ...steps,
  ];
}

/**
 * A claim says whose streams are on it: as long as a pod uses it, this is what the pod was made for. And it says with which key
 * they are written, which is that of a server from when it serves: until then files of the key before may be left.
 */
function asItRuns(member: Member, { metadata, ...claim }: NewClaim, live: Claim | undefined): NewClaim {
  const mode = runningMode(member);
  const served = isReady(member) ? member.pod?.pod.metadata.annotations?.[encryptionAnnotation] : undefined;
  const annotations = { ...metadata.annotations, ...(mode && { [streamsOfAnnotation]: mode }), ...keyOn(live, served) };
  return { ...claim, metadata: { ...metadata, annotations } };
}

function keyOn(
  claim: Claim | undefined,
  key = claim?.metadata.annotations?.[encryptionAnnotation],
): Readonly<Record<string, string>> {
  return key === undefined ? {} : { [encryptionAnnotation]: key };
}

/** The claim of a member as the pod that comes next is to find it; to be written before the one that runs is deleted. */
export function claimOfNext(view: View, member: Member): readonly Action[] {
  const wanted = view.wanted?.claim?.(member.ordinal);
  const live = claimOf(view, member);
  if (!wanted || !live || refusal(view, live) !== undefined) return [];
  const { resourceVersion } = live.metadata;
  // what differs otherwise is not for here, and may be refused
  const { accessModes, storageClassName, resources } = live.spec ?? {};
  const spec = { accessModes, ...(wanted.spec?.storageClassName !== undefined && { storageClassName }), resources };
  const annotations = { ...wanted.metadata.annotations, ...keyOn(live) };
  const object = { ...wanted, metadata: { ...wanted.metadata, annotations, resourceVersion }, spec };
  return [{ do: 'apply', object } as const];
}

/** Deletes the claims of members that left, where the spec says so: only when no pod of theirs is left. */
export function dropClaims(view: View): readonly Step[] {
  const { wanted, objects, cluster, surplus } = view;
  if (!wanted?.claim || !wanted.dropClaims) return [];
  const left = objects.filter(isClaim).filter((claim) => {
    const ordinal = Number(claim.metadata.labels?.[memberLabel] ?? Number.NaN);
    return (
      ordinal >= wanted.size &&
      claim.metadata.name === `${cluster.metadata.name}-${ordinal}` &&
      !claim.metadata.deletionTimestamp &&
      refusal(view, claim) === undefined &&
      hasLeft(view, claim.metadata) &&
      !surplus.some((member) => member.ordinal === ordinal)
    );
  });
  if (left.length === 0) return [];
  const because = `${listed(left.map(({ metadata }) => metadata.name))} left, and spec.jetstream.fileStorage.retention.whenScaled is Delete: the data goes too`;
  return [
    doing(
      'RemovingClaims',
      because,
      left.map((object) => ({ do: 'delete', object })),
    ),
  ];
}

/**
 * The claim that goes together with the pod of a member, which is known to hold no streams: where a single server is wanted,
 * nobody could tell afterwards.
 */
export function dropClaimOf(view: View, member: Member): readonly Action[] {
  const { wanted } = view;
  if (!wanted?.claim || !wanted.dropClaims || wanted.size > 1) return [];
  const claim = claimOf(view, member);
  const isOurs = claim && !claim.metadata.deletionTimestamp && refusal(view, claim) === undefined;
  return isOurs ? [{ do: 'delete', object: claim }] : [];
}

/** Why a member may have no pod yet, on account of its claim; undefined where it may. */
export function isClaimUsable(view: View, member: Member): boolean {
  const claim = view.wanted?.claim && claimOf(view, member);
  return !claim || refusal(view, claim) === undefined;
}

/** The claim that has the name of the member's. */
export function claimOf({ objects }: Pick<Situation, 'objects'>, { name }: Pick<Member, 'name'>): Claim | undefined {
  return objects.filter(isClaim).find(({ metadata }) => metadata.name === name);
}

function isClaim(object: Situation['objects'][number]): object is Claim {
  return object.kind === 'PersistentVolumeClaim';
}

/** Why a claim can't be the member's. Data of somebody else is never touched, nor is data that is on its way out. */
function refusal({ cluster }: View, claim: Claim): Step | undefined {
  const { metadata } = claim;
  const { name, namespace } = cluster.metadata;
  const what = `claim ${metadata.name}`;
  const owner = ownerOf(claim);
  if (metadata.labels?.[clusterLabel] !== name) {
    const of = metadata.labels?.[clusterLabel];
    const whose = of ? `is of cluster ${of}` : `is not labelled ${clusterLabel}=${name}`;
    const because = `${what} exists and ${whose}: delete it, or label it (kubectl label pvc -n ${namespace} ${metadata.name} --overwrite ${clusterLabel}=${name}) to use what is on it`;
    return trouble('ClaimTaken', because);
  }
  if (owner && owner.uid !== cluster.metadata.uid) {
    return waiting('ClaimLeaving', `${what} goes with a deleted cluster of the same name, and is made again then`);
  }
  if (metadata.deletionTimestamp) {
    return trouble(
      'ClaimDeleted',
      `somebody deleted ${what}: it goes when its pod does, with its data, and is made again`,
    );
  }
  return undefined;
}

/** What can't be changed on a claim that exists. Its member goes on with it as it is. */
function fixedProblem({ metadata, spec }: Claim, wanted: NewClaim): Step | undefined {
  const cure = 'set the spec back, or scale the member away with its claim and back again';
  const class_ = wanted.spec?.storageClassName;
  if (class_ !== undefined && spec?.storageClassName !== class_) {
    const because = `claim ${metadata.name} has storage class ${spec?.storageClassName ?? 'of the default'}, and spec.jetstream.fileStorage.storageClassName is ${class_}, which no claim can change: ${cure}`;
    return trouble('ClaimDiffers', because);
  }
  const modes = wanted.spec?.accessModes ?? [];
  if (modes.join() !== (spec?.accessModes ?? []).join()) {
    const because = `claim ${metadata.name} has access modes ${(spec?.accessModes ?? []).join(' and ')}, and spec.jetstream.fileStorage.accessModes says ${modes.join(' and ')}, which no claim can change: ${cure}`;
    return trouble('ClaimDiffers', because);
  }
  return undefined;
}

function growthProblem(
  { storageClasses }: View,
  { metadata, spec, status }: Claim,
  wanted: NewClaim,
): Step | undefined {
  const sizes = `claim ${metadata.name} has ${String(spec?.resources?.requests?.storage)} and spec.jetstream.fileStorage.size is ${String(wanted.spec?.resources?.requests?.storage)}`;
  if (status?.phase !== 'Bound') return waiting('GrowingClaims', `${sizes}: it grows when it has a volume`);
  const name = spec?.storageClassName;
  const class_ = name ? storageClasses?.get(name) : undefined;
  if (!class_ || class_.allowVolumeExpansion === true) return undefined;
  return trouble(
    'ClaimCannotGrow',
    `${sizes}, but storage class ${name ?? ''} does not allow it: set allowVolumeExpansion: true on the class if its volumes can grow; until then servers use no more than they have`,
  );
}

/** What a claim is on its way to, or why it is not. */
function progressOf(view: View, member: Member, claim: Claim, wanted: NewClaim): readonly Step[] {
  const { metadata, status, spec } = claim;
  const name = `claim ${metadata.name}`;
  if (status?.phase === 'Lost') return [trouble('ClaimLost', `${name} has lost its volume ${spec?.volumeName ?? ''}`)];
  if (status?.phase === 'Pending') return pending(view, claim);
  const failed = status?.conditions?.find(({ type }) => type.endsWith('ResizeError'));
  if (failed) return [trouble('ClaimCannotGrow', `${name} does not grow: ${failed.message ?? failed.type}`)];
  const capacity = status?.capacity?.storage;
  if (capacity === undefined || bytes(capacity) >= sizeOf(claim) || sizeOf(claim) < sizeOf(wanted)) return [];
  const offline = conditionOf(status?.conditions, 'FileSystemResizePending');
  return [
    waiting(
      'GrowingClaims',
      offline
        ? `${name} has grown, and its file system follows when the pod of ${member.name} is made again, if its driver can't do it while it runs`
        : `${name} is growing from ${capacity}`,
    ),
  ];
}

function pending({ storageClasses, now, cluster }: View, { metadata, spec }: Claim): readonly Step[] {
  const left = patienceSeconds - pendingFor({ metadata }, { now });
  if (left > 0) return [waiting('Starting', `claim ${metadata.name} waits for its volume`, left)];
  const name = spec?.storageClassName;
  // no spec can give a claim another class
  const why = !name
    ? 'it has no storage class and there is no default: mark one as default (annotation storageclass.kubernetes.io/is-default-class: "true"), and the claim gets it'
    : storageClasses && !storageClasses.get(name)
      ? `there is no storage class ${name}: make it; or, as spec.jetstream.fileStorage.storageClassName is fixed, delete the cluster and the claim, and make the cluster again with another class`
      : `storage class ${name} has not given it one; see kubectl describe pvc -n ${cluster.metadata.namespace} ${metadata.name}`;
  return [
    trouble('ClaimPending', `claim ${metadata.name} waits for a volume since more than ${patienceSeconds} s: ${why}`),
  ];
}

/** The storage classes that have a say in what is next: of claims that wait for a volume or are to grow. */
export function classesToRead({ members, ...view }: View): string[] {
  const names = members.flatMap((member) => {
    const live = claimOf(view, member);
    const wanted = view.wanted?.claim?.(member.ordinal);
    const matters =
      live &&
      wanted &&
      ((live.status?.phase === 'Pending' && pendingFor(live, view) > patienceSeconds) || sizeOf(live) < sizeOf(wanted));
    return matters && live.spec?.storageClassName ? [live.spec.storageClassName] : [];
  });
  return [...new Set(names)];
}

/** Bytes of the volumes that members have, in no order. */
export function capacitiesOf(
  {
    metadata: { name },
    spec: { size },
  }: { readonly metadata: { readonly name: string }; readonly spec: { readonly size: number } },
  objects: Situation['objects'],
): number[] {
  return Array.from({ length: size }, (_, ordinal) => claimOf({ objects }, { name: `${name}-${ordinal}` }))
    .flatMap((claim) => claim?.status?.capacity?.storage ?? [])
    .map(bytes);
}

function pendingFor({ metadata }: Pick<Claim, 'metadata'>, { now }: Pick<Situation, 'now'>): number {
  return (now - Date.parse(metadata.creationTimestamp)) / 1000;
}

function sizeOf({ spec }: Pick<Claim, 'spec'>): number {
  return bytes(spec?.resources?.requests?.storage ?? 0);
}

function isOwned({ cluster }: View, { metadata }: Pick<NewClaim, 'metadata'>): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === cluster.metadata.uid) ?? false;
}

function isMarked({ metadata: live }: Claim, { metadata: wanted }: NewClaim): boolean {
  return covers(live.labels, wanted.labels) && covers(live.annotations, wanted.annotations);
}

function claims(actions: readonly Apply[]): string {
  return actions.length > 1 ? 'claims' : 'claim';
}
