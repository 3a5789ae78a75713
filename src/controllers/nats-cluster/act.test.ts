import { act } from './act';
import { ago, aNode, aReadyPod, aSituation, aStored, aWanted } from './plan/makers';
import { planCluster, type Plan } from './plan/plan';
import { type NewObject, type StoredObject } from '../../kubernetes/object';
import { nameOf, type Command } from '../../nats/commands';
import { deniedAnnotation, recordOfDenied, type Denied } from './plan/denied';
import { type Node, type Pod } from './plan/situation';
import { doing, type Changes } from './plan/step';
import { type Api } from './act';

/** An API server that shows what a test says, and keeps what was asked of it. */
class Recorder implements Api {
  readonly asked: string[] = [];
  refuse: Record<string, Error> = {};
  deny?: Denied;

  constructor(
    private readonly live: {
      pods: readonly Pod[];
      cluster?: { uid: string; generation: number; deletionTimestamp?: string; annotations?: Record<string, string> };
      nodes: ReadonlyMap<string, Node>;
      objects: readonly StoredObject[];
    },
  ) {}

  pods() {
    return Promise.resolve(this.live.pods);
  }
  cluster() {
    return Promise.resolve(this.live.cluster && { metadata: this.live.cluster });
  }
  node(name: string) {
    return Promise.resolve(this.live.nodes.get(name));
  }
  object({ kind, metadata: { name } }: StoredObject) {
    return Promise.resolve(this.live.objects.find((live) => live.kind === kind && live.metadata.name === name));
  }
  apply(object: NewObject) {
    return this.ask(`apply ${object.kind}`);
  }
  create({ metadata }: NewObject & { metadata: { labels?: Record<string, string> } }) {
    return this.ask(`create ${metadata.labels?.['nats.io/member'] ?? ''}`);
  }
  relabel({ metadata }: StoredObject, _: unknown, annotations: Changes) {
    const denied = annotations[deniedAnnotation];
    const noted = annotations.note === undefined ? '' : ` noting ${annotations.note ?? ''}`;
    return this.ask(
      `relabel ${metadata.uid}${noted}${denied === undefined ? '' : ` with ${denied ?? 'nothing'} denied`}`,
    );
  }
  delete({ metadata }: StoredObject, options?: { graceSeconds: 0 }) {
    return this.ask(`${options ? 'forget' : 'delete'} ${metadata.uid}`);
  }
  async command({ metadata }: Pod, command: Command) {
    await this.ask(`${nameOf(command)} at ${metadata.uid}`);
    return this.deny;
  }
  isStale(error: Error) {
    return error.message === 'conflict';
  }

  private ask(what: string): Promise<void> {
    this.asked.push(what);
    const refusal = this.refuse[what];
    return refusal ? Promise.reject(refusal) : Promise.resolve();
  }
}

const cluster = { uid: 'cluster-uid', generation: 1 };
const old = [0, 1].map((ordinal) => aReadyPod(ordinal, { version: '2.14.8' }));

/** The plan for a situation, and an API server where all is as it was seen, but for what the test changes. */
function given(
  changes: Parameters<typeof aSituation>[0],
  live: Partial<ConstructorParameters<typeof Recorder>[0]> = {},
) {
  const plan: Plan = planCluster(aSituation(changes));
  const { pods, objects, nodes = new Map<string, Node>() } = plan.view;
  return { plan, api: new Recorder({ pods, objects, nodes, cluster, ...live }) };
}

describe('acting', () => {
  it('writes objects before the pods that need them', async () => {
    const objects: NewObject[] = [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } }];
    const { plan, api } = given({ pods: [], wanted: aWanted({ size: 2, objects }) });
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['apply Secret', 'create 0', 'create 1']);
  });

  it('makes no pod where an object could not be written', async () => {
    const objects: NewObject[] = [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } }];
    const { plan, api } = given({ pods: [], wanted: aWanted({ objects }) });
    api.refuse = { 'apply Secret': new Error('forbidden') };
    await expect(act(api, plan)).rejects.toThrow('forbidden');
    expect(api.asked).toEqual(['apply Secret']);
  });

  it('does all it can before it fails', async () => {
    const { plan, api } = given({ pods: [] });
    api.refuse = { 'create 0': new Error('quota') };
    await expect(act(api, plan)).rejects.toThrow('quota');
    expect(api.asked).toEqual(['create 0', 'create 1', 'create 2']);
  });

  it('sees a conflict as old evidence, not as a failure', async () => {
    const { plan, api } = given({ pods: [] });
    api.refuse = { 'create 0': new Error('conflict') };
    await expect(act(api, plan)).resolves.toBe('stale');
  });
});

describe('acting on old evidence', () => {
  const upgrade = { pods: old, wanted: aWanted({ size: 2 }) };

  it('does what the plan says where nothing has changed', async () => {
    const { plan, api } = given(upgrade);
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['delete pod-1']);
  });

  it.each([
    [
      'another pod has changed',
      { pods: [{ ...old[0]!, metadata: { ...old[0]!.metadata, resourceVersion: '2' } }, old[1]!] },
    ],
    ['another pod has gone', { pods: old.slice(1) }],
    ['there is one pod more', { pods: [...old, aReadyPod(2)] }],
    ['the spec has changed', { cluster: { ...cluster, generation: 2 } }],
    [
      'somebody paused the cluster by annotation',
      { cluster: { ...cluster, annotations: { 'nats.io/paused': 'true' } } },
    ],
    ['the cluster is deleted', { cluster: { ...cluster, deletionTimestamp: ago(0) } }],
    ['the cluster is another one of that name', { cluster: { ...cluster, uid: 'other' } }],
    ['the cluster is gone', { cluster: undefined }],
    ['the node of another member is gone', { nodes: new Map([...(aSituation().nodes ?? [])].slice(1)) }],
  ])('deletes nothing where %s', async (_, live) => {
    const { plan, api } = given(upgrade, live);
    await expect(act(api, plan)).resolves.toBe('stale');
    expect(api.asked).toEqual([]);
  });

  it('makes no pod where one has come', async () => {
    const status = { members: [{ name: 'nats-0', ready: true }] };
    const { plan, api } = given({ pods: [], status }, { pods: [aReadyPod(0)] });
    await expect(act(api, plan)).resolves.toBe('stale');
    expect(api.asked).toEqual([]);
  });

  it('makes the first pods without a look: their names can exist only once', async () => {
    const objects: NewObject[] = [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } }];
    const { plan, api } = given({ pods: [], wanted: aWanted({ size: 1, objects }) }, { pods: [aReadyPod(0)] });
    api.refuse = { 'create 0': new Error('conflict') };
    await expect(act(api, plan)).resolves.toBe('stale');
    expect(api.asked).toEqual(['apply Secret', 'create 0']);
  });

  it('makes pods where others have only become ready', async () => {
    const [first] = old;
    const changed = { ...first!, metadata: { ...first!.metadata, resourceVersion: '2' } };
    const { plan, api } = given(
      { pods: [first!], wanted: aWanted({ size: 2, version: '2.14.8' }) },
      { pods: [changed] },
    );
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['create 1']);
  });

  it.each([
    ['has changed', [aStored('Secret', 'nats', { resourceVersion: '2' })]],
    ['is gone', []],
  ])('makes no pod where the config that it would read %s', async (_, objects) => {
    const { plan, api } = given({ pods: [], objects: [aStored('Secret', 'nats')] }, { objects });
    await expect(act(api, plan)).resolves.toBe('stale');
    expect(api.asked).toEqual([]);
  });

  it('makes pods where it writes their config anew, whatever it was', async () => {
    const wanted = aWanted({ size: 1, objects: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } }] });
    const orphan = aStored('Secret', 'nats', { ownerReferences: [], labels: { nats_cluster: 'nats' } });
    const { plan, api } = given({ pods: [], wanted, objects: [orphan] }, { objects: [] });
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['apply Secret', 'create 0']);
  });

  it('forgets a pod whose node is gone, and makes another', async () => {
    const { nodes = new Map<string, Node>() } = aSituation();
    const { plan, api } = given({ nodes: new Map([...nodes].slice(1)), pods: [0, 1, 2].map((n) => aReadyPod(n)) });
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['forget pod-0', 'create 0']);
  });

  it('does not double a member whose node answers again', async () => {
    const { nodes = new Map<string, Node>() } = aSituation();
    const { plan, api } = given({ nodes: new Map([...nodes, aNode('node-0', 60)]) }, { nodes });
    expect(plan.steps.flatMap((step) => step.actions.map((action) => action.do))).toEqual(['create']);
    await expect(act(api, plan)).resolves.toBe('stale');
    expect(api.asked).toEqual([]);
  });

  it('doubles a pod that hangs where it may not look at nodes', async () => {
    const pods = [aReadyPod(0), aReadyPod(1), aReadyPod(2, { deleted: ago(120) })];
    const { plan, api } = given({ nodes: undefined, pods });
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['create 2']);
  });

  it('makes pods even if another object is refused, and tells of that afterwards', async () => {
    const wanted = aWanted({
      objects: ['Secret', 'PodDisruptionBudget'].map((kind) => ({
        apiVersion: 'v1',
        kind,
        metadata: { name: 'nats' },
      })),
    });
    const { plan, api } = given({ pods: [aReadyPod(0), aReadyPod(1)], wanted });
    api.refuse['apply PodDisruptionBudget'] = new Error('quota');
    await expect(act(api, plan)).rejects.toThrow('quota');
    expect(api.asked).toContain('create 2');
    const other = given({ pods: [aReadyPod(0), aReadyPod(1)], wanted });
    other.api.refuse['apply Secret'] = new Error('no');
    await expect(act(other.api, other.plan)).rejects.toThrow('no');
    expect(other.api.asked).not.toContain('create 2');
  });

  it('does not replace a member whose node is back', async () => {
    const { nodes = new Map<string, Node>() } = aSituation();
    const { plan, api } = given(
      { nodes: new Map([...nodes].slice(1)), pods: [0, 1, 2].map((n) => aReadyPod(n)) },
      { nodes },
    );
    expect(plan.steps.flatMap((step) => step.actions.map((action) => action.do))).toEqual(['forget', 'create']);
    await expect(act(api, plan)).resolves.toBe('stale');
    expect(api.asked).toEqual([]);
  });
});

describe('a command to a server', () => {
  const stepDown = { kind: 'stepDownMetaLeader' } as const;
  const reload = { kind: 'reload', serverId: 'S', to: 'abc' } as const;
  const access = { credentials: [{ user: 'operator', password: 'secret' }] };
  const refused = { denial: 'refused', words: 'not now' } as const;
  const record = recordOfDenied(stepDown, refused);

  function commanding(command: Command, pod = aReadyPod(0), changes: { access?: typeof access } = { access }) {
    const { plan, api } = given({ pods: [pod], wanted: aWanted({ size: 1, ...changes }) });
    const steps = [doing('Commanding', 'a test wants it', [{ do: 'command', object: pod, command }])];
    return { plan: { ...plan, steps }, api };
  }

  it('is sent, and that is all where it is granted', async () => {
    const { plan, api } = commanding(stepDown);
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked).toEqual(['let another server lead the meta group at pod-0']);
  });

  it('is recorded on the pod where it is denied, once', async () => {
    const { plan, api } = commanding(stepDown);
    api.deny = refused;
    await expect(act(api, plan)).resolves.toBe('done');
    expect(api.asked.slice(1)).toEqual([`relabel pod-0 with ${record} denied`]);
    const again = commanding(stepDown, aReadyPod(0, { annotations: { [deniedAnnotation]: record } }));
    again.api.deny = refused;
    await act(again.api, again.plan);
    expect(again.api.asked).toHaveLength(1);
  });

  it('takes the record of the last denial away where it is granted', async () => {
    const { plan, api } = commanding(stepDown, aReadyPod(0, { annotations: { [deniedAnnotation]: record } }));
    await act(api, plan);
    expect(api.asked.slice(1)).toEqual(['relabel pod-0 with nothing denied']);
  });

  it.each([undefined, refused])(
    'is noted on the pod where the plan says so, whatever the answer is: %j',
    async (answer) => {
      const { plan, api } = commanding(stepDown);
      api.deny = answer;
      const pod = aReadyPod(0);
      const steps = [doing('Asked', 'why', [{ do: 'command', object: pod, command: stepDown, note: { note: 'it' } }])];
      await expect(act(api, { ...plan, steps })).resolves.toBe('done');
      expect(api.asked.slice(1)).toEqual([expect.stringMatching(/^relabel pod-0 noting it/)]);
    },
  );

  it('is denied without a user in the system account', async () => {
    const { plan, api } = commanding(stepDown, aReadyPod(0), {});
    await act(api, plan);
    expect(api.asked).toEqual([expect.stringMatching(/^relabel pod-0 with .*no user in the system account/)]);
  });

  it('is not sent where the spec has changed since, unless it is one that never hurts', async () => {
    for (const [command, outcome] of [
      [stepDown, 'stale'],
      [reload, 'done'],
    ] as const) {
      const { plan } = commanding(command);
      const api = new Recorder({ ...plan.view, nodes: new Map(), cluster: { ...cluster, generation: 2 } });
      await expect(act(api, plan)).resolves.toBe(outcome);
    }
  });
});
