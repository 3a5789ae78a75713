import { configFile, previousFile, refusedAnnotation } from '../../../templates/config-secret';
import { configAnnotation, restartHashAnnotation } from '../../../templates/names';
import { type StoredObject } from '../../../kubernetes/object';
import { deniedAnnotation, recordOfDenied } from './denied';
import { actionsOf, ago, anUnreadyPod, aReadyPod, aSituation, aStored, aWaitingPod, aWanted } from './makers';
import { planCluster } from './plan';
import { type Pod, type Wanted } from './situation';
import { type Action } from './step';
import { toldAnnotation } from './told';

const [good, bad, other] = ['aaaa', 'bbbb', 'cccc'];

function text(id: string): string {
  return Buffer.from(`"server_tags": ["nats-operator-config:${id}"]\n`).toString('base64');
}

function secret(data: Record<string, string>, annotations: Record<string, string> = {}): StoredObject {
  const contents = Object.fromEntries(Object.entries(data).map(([key, id]) => [key, text(id)]));
  return { ...aStored('Secret', 'nats', { annotations }), data: contents } as StoredObject;
}

const asked = (config: string, changes: Partial<Wanted> = {}): Wanted => {
  const made = aWanted(changes).pod;
  const rendered = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats', namespace: 'default' } };
  return aWanted({
    config,
    objects: [{ ...rendered, data: { [configFile]: text(config) } } as Wanted['objects'][number]],
    pod: (ordinal, name) => {
      const pod = made(ordinal, name);
      const { annotations } = pod.metadata as Pod['metadata'];
      return { ...pod, metadata: { ...pod.metadata, annotations: { ...annotations, [configAnnotation]: config } } };
    },
    ...changes,
  });
};

const serving = (ordinal: number, config = good, annotations: Record<string, string> = {}) =>
  aReadyPod(ordinal, { annotations: { [configAnnotation]: config, ...annotations } });
const refusing = (words = 'unknown field "x"', config = bad) => ({
  [toldAnnotation]: `${config} ${ago(1)}`,
  [deniedAnnotation]: recordOfDenied({ kind: 'reload', serverId: '', to: config }, { denial: 'refused', words }),
});
const all = [0, 1, 2].map((ordinal) => serving(ordinal));
const oneRefuses = [serving(0, good, refusing()), serving(1), serving(2)];
const note = (words = 'nats-0 refuses it: unknown field "x"', made = '2.15.2') => ({
  [refusedAnnotation]: JSON.stringify({ config: bad, made, words }),
});

function plan(pods: readonly Pod[], wanted: Wanted, live: StoredObject) {
  return planCluster(aSituation({ pods, wanted, objects: [live] }));
}

/** What is written to the config secret: ids of the configs by key, and whether it is noted that one was refused. */
function written(pods: readonly Pod[], wanted: Wanted, live: StoredObject) {
  const actions: readonly Action[] = plan(pods, wanted, live).steps.flatMap((step) => step.actions);
  const apply = actions.find((action) => action.do === 'apply');
  if (!apply) return undefined;
  const { data, metadata } = apply.object as unknown as { data: Record<string, string>; metadata: Pod['metadata'] };
  const ids = Object.entries(data).map(([key, value]) => [
    key,
    /config:(\w+)/.exec(Buffer.from(value, 'base64').toString())?.[1],
  ]);
  return { ...Object.fromEntries(ids), refused: metadata.annotations?.[refusedAnnotation] !== undefined } as object;
}

describe('a new config', () => {
  it('is written with the one before beside it', () => {
    expect(written(all, asked(bad), secret({ [configFile]: good }))).toEqual({
      [configFile]: bad,
      [previousFile]: good,
      refused: false,
    });
  });

  it('stays so while it is on its way, and the one before is dropped when all have loaded it', () => {
    const live = secret({ [configFile]: bad, [previousFile]: good });
    expect(written([serving(0, bad), serving(1), serving(2)], asked(bad), live)).toBeUndefined();
    const done = [0, 1, 2].map((ordinal) => serving(ordinal, bad));
    expect(written(done, asked(bad), live)).toEqual({ [configFile]: bad, refused: false });
    expect(written(done, asked(bad), secret({ [configFile]: bad }))).toBeUndefined();
  });

  it('that comes before the last one was loaded by anyone keeps the one that servers run', () => {
    const live = secret({ [configFile]: bad, [previousFile]: good });
    expect(written(all, asked(other), live)).toEqual({ [configFile]: other, [previousFile]: good, refused: false });
  });

  it('that comes when the last one was loaded by some keeps that', () => {
    const live = secret({ [configFile]: bad, [previousFile]: good });
    const pods = [serving(0, bad), serving(1), serving(2)];
    expect(written(pods, asked(other), live)).toEqual({ [configFile]: other, [previousFile]: bad, refused: false });
  });

  it('is not a new one where only routes differ', () => {
    const live = secret({ [configFile]: good });
    const grown = asked(good, { size: 3 });
    const more = { ...grown.objects[0], data: { [configFile]: `${text(good)}Cg==` } } as Wanted['objects'][number];
    expect(written([serving(0), serving(1)], { ...grown, objects: [more] }, live)).not.toHaveProperty([previousFile]);
  });
});

describe('a config that a server refuses', () => {
  const inForce = secret({ [configFile]: bad, [previousFile]: good });
  const putBack = secret({ [configFile]: good }, note());

  it('gives its place to the one before in one write, which notes it', () => {
    expect(written(oneRefuses, asked(bad), inForce)).toEqual({ [configFile]: good, refused: true });
  });

  it('is told of with the words of the server, also when its pod is gone', () => {
    for (const [pods, live] of [
      [oneRefuses, inForce],
      [oneRefuses, putBack],
      [all, putBack],
    ] as const) {
      const said = plan(pods, asked(bad), live).steps.filter(({ topic }) => topic === 'ConfigValid');
      expect(said.map(({ reason }) => reason)).toEqual(['ConfigRefused']);
      expect(said[0]?.because).toContain(
        'nats-0 refuses it: unknown field "x". Members go on with the one before, also',
      );
    }
  });

  it('is then taken off the pods, which are told of the one before, and nothing is left to do', () => {
    const { steps } = plan(oneRefuses, asked(bad), putBack);
    expect(actionsOf(steps)).toEqual(['relabel pod-0']);
    const toldOfGood = `${good} ${ago(1)} ${ago(1)}`;
    expect(steps.flatMap((step) => step.actions)).toMatchObject([
      { annotations: { [toldAnnotation]: toldOfGood, [deniedAnnotation]: null } },
    ]);
    expect(actionsOf(plan(all, asked(bad), putBack).steps)).toEqual([]);
    const told = [serving(0, good, { [toldAnnotation]: toldOfGood }), ...all.slice(1)];
    expect(actionsOf(plan(told, asked(bad), putBack).steps)).toEqual([]);
  });

  it('is noted of no pod that starts with the one before', () => {
    const pods = [0, 1, 2].map((ordinal) => anUnreadyPod(ordinal, { annotations: { [configAnnotation]: good } }));
    expect(actionsOf(plan(pods, asked(bad), putBack).steps)).toEqual([]);
  });

  it('is not what a new pod is said to have', () => {
    const { steps } = plan(all.slice(0, 2), asked(bad), putBack);
    expect(actionsOf(steps)).toEqual(['create member 2']);
    expect(steps.flatMap((step) => step.actions)).toMatchObject([
      { object: { metadata: { annotations: { [configAnnotation]: good } } } },
    ]);
  });

  it('is refused also where the server that refused it is down by now', () => {
    const down = anUnreadyPod(0, { annotations: { [configAnnotation]: good, ...refusing() } });
    expect(written([down, ...all.slice(1)], asked(bad), inForce)).toEqual({ [configFile]: good, refused: true });
  });

  it('is forgotten with the next spec', () => {
    const back = plan(all, asked(good), putBack);
    expect(back.steps.filter(({ topic }) => topic === 'ConfigValid')).toEqual([]);
    expect(written(all, asked(good), putBack)).toEqual({ [configFile]: good, refused: false });
    expect(written(all, asked(other), putBack)).toEqual({
      [configFile]: other,
      [previousFile]: good,
      refused: false,
    });
  });

  it('is tried again with pods that are made from something else', () => {
    const wanted = asked(bad, { version: '2.15.3', restartHash: '2.15.3' });
    expect(written(all, wanted, putBack)).toEqual({ [configFile]: bad, [previousFile]: good, refused: false });
  });

  it('stays where there is nothing else', () => {
    const alone = secret({ [configFile]: bad });
    expect(written(oneRefuses, asked(bad), alone)).toBeUndefined();
    expect(plan(oneRefuses, asked(bad), alone).steps[0]?.because).toContain('as long as they run');
  });

  it('lets no member of an older spec be made again, but those that a person asks for', () => {
    const old = aReadyPod(1, { annotations: { [configAnnotation]: good, [restartHashAnnotation]: 'older' } });
    expect(actionsOf(plan([serving(0), old, serving(2)], asked(bad), putBack).steps)).toEqual([]);
    const situation = aSituation({
      pods: all,
      wanted: asked(bad),
      objects: [putBack],
      metadata: { annotations: { 'nats.io/restart': 'now' } },
    });
    expect(actionsOf(planCluster(situation).steps)).toEqual(['delete pod-2']);
  });
});

describe('a config that a server does not start with', () => {
  const inForce = secret({ [configFile]: bad, [previousFile]: good });
  const ended = (message: string) => {
    const state = { terminated: { exitCode: 1, message } };
    const containerStatuses = [{ name: 'nats', state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: state }];
    const conditions = [
      { type: 'Initialized', status: 'True', lastTransitionTime: ago(30) },
      { type: 'Ready', status: 'False', lastTransitionTime: ago(30) },
    ];
    return aWaitingPod(2, '', { annotations: { [configAnnotation]: bad }, status: { containerStatuses, conditions } });
  };
  const old = [0, 1].map((ordinal) =>
    aReadyPod(ordinal, { annotations: { [configAnnotation]: good, [restartHashAnnotation]: 'older' } }),
  );
  const pods = [...old, ended('nats-server: /etc/nats-config/nats.conf:5:3: unknown field "x"\n')];

  it('gives its place to the one before, and the members of the older spec stay', () => {
    expect(written(pods, asked(bad), inForce)).toEqual({ [configFile]: good, refused: true });
    const { steps } = plan(pods, asked(bad), inForce);
    expect(actionsOf(steps)).toEqual(['apply Secret nats']);
    expect(steps.find(({ topic }) => topic === 'ConfigValid')?.because).toContain(
      'nats-2 refuses it: /etc/nats-config/nats.conf:5:3: unknown field "x"',
    );
  });

  it('is not what its pod is said to have then', () => {
    const { steps } = plan(pods, asked(bad), secret({ [configFile]: good }, note()));
    expect(steps.flatMap((step) => step.actions)).toMatchObject([
      { do: 'relabel', object: { metadata: { uid: 'pod-2' } }, annotations: { [configAnnotation]: good } },
    ]);
  });

  it('is not to blame for an end of another kind', () => {
    const full = [...old, ended("[1] 2030/06/01 12:00:00.000000 [FTL] Can't start JetStream: no space left on device")];
    expect(written(full, asked(bad), inForce)).toBeUndefined();
  });

  it('is not to blame where others serve with it', () => {
    const words = 'nats-server: could not create the directory of the resolver: read-only file system';
    const served = written([serving(0, bad), serving(1, bad), ended(words)], asked(bad), inForce);
    expect(served ?? {}).not.toMatchObject({ refused: true });
    expect(written([...old, ended(words)], asked(bad), inForce)).toMatchObject({ refused: true });
  });
});
