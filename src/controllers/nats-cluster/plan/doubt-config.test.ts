import { configFile } from '../../../templates/config-secret';
import { configAnnotation } from '../../../templates/names';
import { type StoredObject } from '../../../kubernetes/object';
import { actionsOf, ago, aReadyPod, aSituation, aStored, aWaitingPod, aWanted } from './makers';
import { planCluster } from './plan';
import { type Pod, type Wanted } from './situation';
import { toldAnnotation } from './told';

const [before, between, other] = ['aaaa', 'bbbb', 'cccc'];

function secret(id: string): StoredObject {
  const text = `"server_tags": ["nats-operator-config:${id}"]\n`;
  return {
    ...aStored('Secret', 'nats'),
    data: { [configFile]: Buffer.from(text).toString('base64') },
  } as StoredObject;
}

const never = new Date(0).toISOString();
const access = { credentials: [{ user: 'operator', password: 'secret' }] };
const asked = (config: string): Wanted => aWanted({ config, access, size: 2, objects: [secret(config)] });
const serving = (ordinal: number, config: string, annotations: Record<string, string> = {}) =>
  aReadyPod(ordinal, { annotations: { [configAnnotation]: config, ...annotations } });

function plan(pods: readonly Pod[], wanted: string, live?: string) {
  return planCluster(aSituation({ pods, wanted: asked(wanted), objects: live ? [secret(live)] : [] })).steps;
}

describe('where the config before is wanted again', () => {
  it('members that may have started with the one between are told of it before the secret is written', () => {
    const steps = plan([serving(0, before), serving(1, before)], before, between);
    expect(actionsOf(steps)).toEqual(['relabel pod-0', 'relabel pod-1']);
    expect(steps[0]?.actions[0]).toMatchObject({ annotations: { [toldAnnotation]: `${before} ${never} ${never}` } });
  });

  it('one that was told of it before is told again, as its kubelet may have renewed the file since', () => {
    const told = (last: string) => serving(0, other, { [toldAnnotation]: `${before} ${last}` });
    expect(actionsOf(plan([told(ago(5)), serving(1, between)], before, between))).toEqual(['relabel pod-0']);
    const steps = plan([told(never), serving(1, between)], before, between);
    expect(actionsOf(steps)).toEqual(['apply Secret nats', 'relabel pod-0']);
    expect(steps[1]?.actions[0]).toMatchObject({ annotations: { [toldAnnotation]: `${before} ${ago(0)} ${ago(0)}` } });
  });

  it('so are they where the secret was deleted, and nobody knows what it held', () => {
    expect(actionsOf(plan([serving(0, before), serving(1, before)], before))).toEqual([
      'relabel pod-0',
      'relabel pod-1',
    ]);
  });

  it('it is written when all of them are told, or known to have another one', () => {
    const told = serving(0, before, { [toldAnnotation]: `${before} ${never}` });
    expect(actionsOf(plan([told, serving(1, between)], before, between))).toContain('apply Secret nats');
  });

  it('a member that was made a moment ago is not told, as the secret may just not be seen yet', () => {
    const annotations = { [configAnnotation]: before };
    const pod = aReadyPod(1, { annotations });
    const made = { ...pod, metadata: { ...pod.metadata, creationTimestamp: ago(1) } };
    const told = serving(0, before, { [toldAnnotation]: `${before} ${never}` });
    expect(actionsOf(plan([told, made], before, between))).toContain('apply Secret nats');
  });

  it('what a server said when it did not start with the one between is not said of it', () => {
    const message = 'nats-server: nats.conf:3:5: unknown field "x"';
    const ended = (annotations: Record<string, string> = {}) => {
      const state = { waiting: { reason: 'CrashLoopBackOff' } };
      const containerStatuses = [{ name: 'nats', state, lastState: { terminated: { exitCode: 1, message } } }];
      const conditions = [
        { type: 'Initialized', status: 'True', lastTransitionTime: ago(60) },
        { type: 'Ready', status: 'False', lastTransitionTime: ago(60) },
      ];
      return aWaitingPod(0, '', {
        annotations: { [configAnnotation]: before, ...annotations },
        status: { containerStatuses, conditions },
      });
    };
    expect(actionsOf(plan([ended(), serving(1, between)], before, between))).toEqual(['relabel pod-0']);
    const reasons = (pod: Pod) => plan([pod, serving(1, between)], before, before).map(({ reason }) => reason);
    expect(reasons(ended({ [toldAnnotation]: `${before} ${never}` }))).not.toContain('ConfigRefused');
    expect(reasons(ended())).toContain('ConfigRefused');
  });
});

describe('a config that was not there before', () => {
  it('makes nobody doubt', () => {
    expect(actionsOf(plan([serving(0, before), serving(1, before)], other, before))).toContain('apply Secret nats');
    expect(actionsOf(plan([serving(0, before), serving(1, before)], before, before))).toEqual([]);
  });
});
