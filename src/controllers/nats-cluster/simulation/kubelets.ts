import { type StoredObject } from '../../../kubernetes/object';
import { conditionOf } from '../plan/pod-state';
import { type Condition, type ContainerStatus, type Instant, type Pod } from '../plan/situation';
import { confIn, textIn } from './conf';
import { clusterName, userSecret, type ConfigSecret, type UserSecret } from './model';
import { versionOf, type Files } from './servers';
import { type World } from './world';

/** After so long a kubelet looks at the secrets of a pod although nothing of the pod has changed. */
const renewSeconds = 60;

/** The kubelets of the nodes that are up: they start, stop and probe servers, and renew the files that these read. */
export class Kubelets {
  /** Seconds after which a kubelet has heard of a change of a secret that it watches already. */
  delay = 0;
  /** What the secrets held, and since when. */
  private readonly held: { readonly since: Instant; readonly files: Files | undefined }[] = [];
  /** Of each pod, by uid: when its files were renewed last, for which annotations, and to which of what was held. */
  private readonly synced = new Map<string, { at: Instant; annotations: unknown; index: number }>();

  constructor(private readonly world: World) {}

  /** Hears what secrets hold now. */
  hear(): void {
    const { log, now } = this.world;
    const config = log.get('objects', `Secret/${clusterName}`) as ConfigSecret | undefined;
    const certificate = log.get('secrets', userSecret) as UserSecret | undefined;
    const files = config && { conf: textIn(config), serial: certificate?.data.serial };
    const last = this.held.at(-1)?.files;
    if (last?.conf !== files?.conf || last?.serial !== files?.serial) this.held.push({ since: now, files });
  }

  /** What a kubelet does for a pod in one round. */
  run(pod: Pod): void {
    const { world } = this;
    const { servers } = world;
    if (!world.isUp(pod.spec.nodeName)) return;
    const { name, deletionTimestamp } = pod.metadata;
    if (pod.status?.phase === 'Failed') {
      if (deletionTimestamp) world.log.remove('pods', name); // nothing of it runs
      return;
    }
    const { hangs, stuck, crashes } = servers.realityOf(pod);
    if (deletionTimestamp) {
      if (!hangs) world.log.remove('pods', name);
      return;
    }
    this.renewFiles(pod);
    if (pod.status?.phase === 'Pending') {
      if (!conditionOf(pod.status.conditions, 'Initialized')) pod = this.take(pod);
      const blocked = this.blockedBy(pod);
      if (blocked) this.setContainer(pod, { name: 'nats', state: { waiting: { reason: blocked } } });
      else this.start({ ...pod, status: { ...pod.status, phase: 'Running' } });
    } else if (crashes) this.crash(pod);
    else if (!servers.loadedBy(pod)) this.start(pod);
    else this.setReady(pod, !stuck && versionOf(pod) !== 'never ready');
  }

  /** The server of a pod ends, and its kubelet starts it again. */
  restart(pod: Pod): void {
    if (!this.world.servers.runs(pod)) return;
    this.world.servers.stop(pod);
    this.setContainer(pod, { name: 'nats', restartCount: 1, state: { terminated: { exitCode: 1 } } });
  }

  setReady(pod: Pod, ready: boolean): void {
    const status = ready ? 'True' : 'False';
    const before = conditionOf(pod.status?.conditions, 'Ready');
    if (before?.status === status) return;
    const condition: Condition = { type: 'Ready', status, lastTransitionTime: this.world.time() };
    const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'), condition];
    this.world.log.put('pods', { ...pod, status: { ...pod.status, conditions } });
  }

  /** A pod comes to its node. */
  private take(pod: Pod): Pod {
    const lastTransitionTime = this.world.time();
    const conditions: Condition[] = [
      ...(pod.status?.conditions ?? []),
      { type: 'Initialized', status: 'True', lastTransitionTime },
      { type: 'Ready', status: 'False', lastTransitionTime },
    ];
    return this.world.log.put('pods', { ...pod, status: { ...pod.status, conditions } });
  }

  private start(pod: Pod): void {
    const complaint = this.world.servers.start(pod);
    if (complaint !== undefined) {
      this.crash(pod, complaint);
      return;
    }
    const { restartCount, lastState } = pod.status?.containerStatuses?.[0] ?? {};
    const before = { ...(restartCount && { restartCount }), ...(lastState && { lastState }) };
    this.setContainer(pod, { name: 'nats', ...before, state: { running: {} } });
  }

  private crash(pod: Pod, message = ''): void {
    this.world.servers.stop(pod);
    const lastState = { terminated: { exitCode: 1, message } };
    const state = { waiting: { reason: 'CrashLoopBackOff' } };
    this.setContainer(pod, { name: 'nats', restartCount: 1, state, lastState });
  }

  /** Before a server starts, when its pod has changed, and else once in a while. */
  private renewFiles(pod: Pod): void {
    const { now, servers } = this.world;
    const { uid, annotations } = pod.metadata;
    const last = this.synced.get(uid);
    const isDue = !last || last.annotations !== annotations || now >= last.at + renewSeconds * 1000;
    if (!isDue && servers.loadedBy(pod)) return;
    // what a pod starts with is looked up for it; and nobody hears of what was before what is known already
    const heard = now - (last ? this.delay : 0) * 1000;
    const late = Math.max(
      last?.index ?? -1,
      this.held.findLastIndex(({ since }) => since <= heard),
    );
    // Known: a refusal of a file that is not the new one yet counts for the new config.
    const index = isBad(this.held[late]?.files) ? this.held.length - 1 : late;
    const files = this.held[index]?.files;
    if (files) servers.mount(pod, files);
    this.synced.set(uid, { at: now, annotations, index });
  }

  private blockedBy(pod: Pod): string | undefined {
    const { log } = this.world;
    const { tls } = pod.spec as { tls?: boolean };
    if (!log.get('objects', `Secret/${clusterName}`) || (tls && !log.get('secrets', userSecret))) {
      return 'ContainerCreating';
    }
    return versionOf(pod) === 'no such image' ? 'ImagePullBackOff' : undefined;
  }

  private setContainer(pod: Pod, container: ContainerStatus): void {
    const before = pod.status?.containerStatuses?.[0];
    if (wordsFor(before) === wordsFor(container)) return;
    const stored: StoredObject & Pod = { ...pod, status: { ...pod.status, containerStatuses: [container] } };
    this.setReady(this.world.log.put('pods', stored), false);
  }
}

function wordsFor(container: ContainerStatus | undefined): string {
  const { waiting, terminated } = container?.state ?? {};
  if (!container) return '';
  const { message = '' } = container.lastState?.terminated ?? {};
  return `${waiting?.reason ?? (terminated ? 'Ended' : 'Running')} ${container.restartCount ?? 0} ${message}`;
}

function isBad(files: Files | undefined): boolean {
  return files !== undefined && confIn(files.conf).setting === 'bad';
}
