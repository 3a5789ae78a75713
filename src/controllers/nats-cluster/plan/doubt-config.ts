import { isConfigSecret } from '../../../templates/config-secret';
import { configAnnotation } from '../../../templates/names';
import { configInForce, configWritten, refusalOf } from './guard-config';
import { stayingMembers } from './jetstream/leave-jetstream';
import { doing, type Step } from './step';
import { isAlive, listed, type View } from './survey';
import { tell, toldOf } from './told';

/** A pod that was made, or told, later than so long ago may have been so after the config was written, and be seen before. */
const youngSeconds = 2;

/**
 * Where the config before is wanted again, or the secret was deleted, members that are said to have it may have another one: their
 * servers may have been started since then, with what the secret held meanwhile. So they are to load it like others, and their
 * kubelets are to be told of it again. This comes before the secret is written: afterwards nothing would tell of what it held.
 */
export function doubtConfig(view: View): readonly Step[] {
  const { wanted, cluster, now } = view;
  const [written, config] = [configWritten(view), configInForce(view)];
  if (wanted?.config === undefined || config === undefined || written === config) return [];
  const isToBeWritten = wanted.objects.some((object) => isConfigSecret(object, cluster));
  if (!isToBeWritten || refusalOf(view) !== undefined) return [];
  const doubted = stayingMembers(view).flatMap(({ name, pods }) =>
    pods.filter(isAlive).flatMap(({ pod }) => {
      const { annotations, creationTimestamp } = pod.metadata;
      const told = toldOf(pod);
      const isSaid = told ? told.config === config && told.last > 0 : annotations?.[configAnnotation] === config;
      const age = now - (told?.last ?? Date.parse(creationTimestamp));
      return isSaid && age >= youngSeconds * 1000 ? [{ name, pod }] : [];
    }),
  );
  if (doubted.length === 0) return [];
  const why = written === undefined ? 'the config secret was deleted' : 'the config before is wanted again';
  const because = `${why}, and ${listed(doubted.map(({ name }) => name))} may have started with another one`;
  const never = { config, since: 0, last: 0 };
  return [
    doing(
      'Reloading',
      because,
      doubted.map(({ pod }) => tell(pod, never)),
    ),
  ];
}
