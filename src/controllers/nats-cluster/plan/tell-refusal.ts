import { configAnnotation } from '../../../templates/names';
import { deniedAnnotation, recordOfGranted } from './denied';
import { configInForce, isNoted, refusalOf } from './guard-config';
import { reloadOf } from './pod-config';
import { hasServed } from './pod-state';
import { type Pod } from './situation';
import { doing, type Changes, type Step } from './step';
import { isAlive, type View } from './survey';
import { recordOfTold, toldAnnotation, toldOf } from './told';

/**
 * Says that a server refused the config of the spec. Once the secret holds the one before again, what was tried is taken off the
 * pods: that makes their kubelets renew the file at once, and pods that never started with the refused one start with the one before.
 */
export function tellRefusal(view: View): readonly Step[] {
  const { members, surplus, wanted } = view;
  const words = refusalOf(view);
  if (words === undefined) return [];
  const isBack = configInForce(view) !== wanted?.config;
  const others = isBack ? ', also when they are restarted' : ' as long as they run';
  const because = `the new config is not in force: ${words}. Members go on with the one before${others}. Change the spec, and it is tried again`;
  const said: Step = { topic: 'ConfigValid', reason: 'ConfigRefused', because, actions: [] };
  if (!isNoted(view)) return [said];
  const actions = [...members, ...surplus].flatMap(({ pods }) =>
    pods.filter(isAlive).flatMap(({ pod }) => {
      const annotations = withoutTrace(view, pod);
      const isClean = Object.keys(annotations).length === 0;
      return isClean ? [] : [{ do: 'relabel', object: pod, labels: {}, annotations } as const];
    }),
  );
  if (actions.length === 0) return [said];
  return [
    said,
    doing('Reloading', 'the config before is in force again, and kubelets are told to renew the file', actions),
  ];
}

function withoutTrace(view: View, pod: Pod): Changes {
  const { wanted } = view;
  if (!wanted) return {};
  const {
    [toldAnnotation]: told,
    [deniedAnnotation]: denied,
    [configAnnotation]: config,
  } = pod.metadata.annotations ?? {};
  const others = recordOfGranted(reloadOf(wanted, ''), denied);
  return {
    ...(told !== undefined && toldAgain(view, pod)),
    ...(others !== denied && { [deniedAnnotation]: others ?? null }),
    ...(config === wanted.config && !hasServed(pod) && { [configAnnotation]: configInForce(view) ?? '' }),
  };
}

/**
 * A member that was told of the refused config may have loaded it, or be about to: it is told of the one before instead, and that
 * is seen to when the spec asks for something again.
 */
function toldAgain(view: View, pod: Pod): Changes {
  const told = toldOf(pod);
  const config = configInForce(view);
  if (!told || !config) return { [toldAnnotation]: null };
  return told.config === config ? {} : { [toldAnnotation]: recordOfTold({ ...told, config }) };
}

/** Whether members of an older spec wait, as there is no config for those that would be made in their place. */
export function holdsRoll(view: View): boolean {
  const isOld = view.members.some(({ pod }) => pod && !pod.current && pod.asked === undefined);
  return isOld && refusalOf(view) !== undefined;
}
