import { natsClusterNames } from '../../../resources/api';
import { externalAddressesName } from '../../../templates/external-addresses';
import { isConfigSecret } from '../../../templates/config-secret';
import { clusterLabel, managementServiceName, type Named } from '../../../templates/names';
import { covers } from './covers';
import { guardConfig, isLeftOver, refusalOf } from './guard-config';
import { guardDrains, isBudget, whyGuarded } from './jetstream/guard-drains';
import { isOwnedBy, ownerOf } from './owner';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { doing, trouble, waiting, type Action, type Step } from './step';
import { listed, type View } from './survey';

/** Kinds that a spec can do without. */
const optional = ['PodDisruptionBudget', 'NetworkPolicy', 'PodMonitor'];

/** Whether an own object goes when it is no longer wanted. */
function isOptional({ kind, metadata: { name } }: StoredObject, cluster: Named): boolean {
  return (
    optional.includes(kind) ||
    (kind === 'Secret' && name === externalAddressesName(cluster)) ||
    (kind === 'Service' && name === managementServiceName(cluster))
  );
}

/** An object of somebody else under a name of ours is never taken over. */
export function refuseTakenNames({ cluster, wanted, objects }: View): readonly Step[] {
  return (wanted?.objects ?? []).flatMap((object) => {
    const live = find(objects, object);
    if (!live || isOurs(live, cluster.metadata)) return [];
    const what = `${object.kind} ${object.metadata.name}`;
    return isOfPredecessor(live, cluster.metadata)
      ? [waiting('Applying', `${what} of a deleted cluster of the same name is still on its way out`)]
      : [
          trouble(
            'NameTaken',
            `${what} exists and is not of this cluster: delete it, or give the cluster another name`,
          ),
        ];
  });
}

/** Writes the objects beside the pods where they differ from what is wanted, so that edits by hand do not last. */
export function applyObjects(view: View): readonly Step[] {
  const { cluster, wanted, objects } = view;
  if (!wanted) return [];
  const made: NewObject[] = [];
  const restored: NewObject[] = [];
  for (const object of wanted.objects.map((each) => guardConfig(view, guardDrains(view, each)))) {
    const live = find(objects, object);
    if (!live) made.push(object);
    else if (!isOwnedBy(live, cluster.metadata) || !covers(live, object) || isLeftOver(live, object))
      restored.push(inPlaceOf(live, object));
  }
  const unwanted = objects.filter(
    (live) =>
      isOptional(live, cluster) &&
      isOwnedBy(live, cluster.metadata) &&
      !wanted.objects.some((object) => isSame(live, object)),
  );
  const putBack = restored.filter((object) => isConfigSecret(object, cluster) && refusalOf(view) !== undefined);
  const edited = restored.filter((object) => !isBudget(object) && !putBack.includes(object));
  return [
    ...(made.length > 0 ? [writing('Applying', `${named(made)} did not exist`, made.map(apply))] : []),
    ...(edited.length > 0 ? [writing('Applying', `${named(edited)} differed from the spec`, edited.map(apply))] : []),
    ...putBack.map((object) =>
      doing('PuttingBack', `${named([object])} holds the config before, as the new one is refused`, [apply(object)]),
    ),
    ...restored.filter(isBudget).map((object) => doing('GuardingDrains', whyGuarded(view, object), [apply(object)])),
    ...unwanted
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map((object) =>
        writing('Removing', `${object.kind} ${object.metadata.name} is no longer wanted`, [{ do: 'delete', object }]),
      ),
  ];
}

/** Kinds whose changes nobody tells of, as not every API server has them to be watched. */
const unwatched = ['PodMonitor'];

/** A step that is looked at again where no event will tell that it is done. */
function writing(
  reason: string,
  because: string,
  actions: readonly Extract<Action, { do: 'apply' | 'delete' }>[],
): Step {
  const step = doing(reason, because, actions);
  return actions.some(({ object }) => unwatched.includes(object.kind)) ? { ...step, again: 1 } : step;
}

function apply(object: NewObject) {
  return { do: 'apply', object } as const;
}

/** To be written over what was judged only: in its place there may be one of somebody else by now. */
function inPlaceOf({ metadata: { resourceVersion } }: StoredObject, object: NewObject): NewObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function find(objects: readonly StoredObject[], wanted: NewObject): StoredObject | undefined {
  return objects.find((live) => isSame(live, wanted));
}

function isSame(live: StoredObject, wanted: NewObject): boolean {
  return live.kind === wanted.kind && live.metadata.name === wanted.metadata.name;
}

/** Of a cluster that had the name before, and collected as garbage soon. */
function isOfPredecessor(live: StoredObject, cluster: { readonly name: string }): boolean {
  const owner = ownerOf(live);
  return owner?.kind === natsClusterNames.kind && owner.name === cluster.name;
}

/** Ours, or left over by an orphaning delete of a cluster of this name, whose place is taken. */
function isOurs(live: StoredObject, cluster: { readonly uid: string; readonly name: string }): boolean {
  const owner = ownerOf(live);
  return owner === undefined ? live.metadata.labels?.[clusterLabel] === cluster.name : owner.uid === cluster.uid;
}

function named(objects: readonly NewObject[]): string {
  return listed(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
}
