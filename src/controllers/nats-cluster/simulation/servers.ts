import { routesAnnotation } from '../../../templates/names';
import { type Command } from '../../../nats/commands';
import { type SystemAccess } from '../../../nats/system-client';
import { isPredecessor } from '../plan/adopt-predecessor';
import { type Denied } from '../plan/denied';
import { type Pod, type Server } from '../plan/situation';
import { confIn, type Conf } from './conf';
import { canReload, neededConfig, ordinalOf } from './model';
import { type World } from './world';

/** What a kubelet has put into the volumes of a pod. */
export interface Files {
  readonly conf: string;
  /** Serial number of the certificate. */
  readonly serial?: string;
}

/** What servers say of a config that none of them takes. */
const badWords = 'unknown field "bad"';

/** What is true of a server, whatever the API shows. */
export interface Reality {
  /** Runs and never becomes ready. */
  stuck?: boolean;
  /** Does not stop when asked to. */
  hangs?: boolean;
  /** Ends as soon as it starts. */
  crashes?: boolean;
  /** Has no route to any other server. */
  isolated?: boolean;
  /** Takes no command: the way to its system account is blocked. */
  deaf?: boolean;
  /** Does not answer on its monitoring port. */
  silent?: boolean;
}

/** The NATS servers in the pods: what they have loaded, what they answer and obey. */
export class Servers {
  private readonly realities = new Map<string, Reality>();
  private readonly files = new Map<string, Files>();
  private readonly loaded = new Map<string, Files>();
  /** Uids of the pods whose server started with another config than they were made for. */
  readonly mixed = new Set<string>();
  /** Which config a server did not load when it was asked last, by uid of its pod, and why. */
  readonly denials = new Map<string, Denied & { readonly config: string }>();

  constructor(private readonly world: World) {}

  mark(pod: Pod, change: Reality): void {
    this.realities.set(pod.metadata.uid, { ...this.realityOf(pod), ...change });
  }

  realityOf({ metadata }: Pod): Reality {
    return this.realities.get(metadata.uid) ?? {};
  }

  // what kubelets do to them

  mount({ metadata }: Pod, files: Files): void {
    this.files.set(metadata.uid, files);
  }

  /** What is in the file of a server, whether it goes by it or not. */
  fileOf({ metadata }: Pod): Conf | undefined {
    const files = this.files.get(metadata.uid);
    return files && confIn(files.conf);
  }

  /** Starts a server; returns its last words where it ends at once. */
  start(pod: Pod): string | undefined {
    const files = this.files.get(pod.metadata.uid);
    if (!files || this.realityOf(pod).crashes) return '';
    if (confIn(files.conf).setting === 'bad') return `nats-server: ${badWords}`;
    this.loaded.set(pod.metadata.uid, files);
    if (files.conf === neededConfig(pod)) this.mixed.delete(pod.metadata.uid);
    else this.mixed.add(pod.metadata.uid);
    return undefined;
  }

  stop({ metadata }: Pod): void {
    this.loaded.delete(metadata.uid);
  }

  // what can be seen of them

  /** What a server goes by; undefined while it does not run. */
  loadedBy({ metadata }: Pod): Files | undefined {
    return this.loaded.get(metadata.uid);
  }

  /** What is in the config that it goes by. */
  configOf(pod: Pod): Conf | undefined {
    const loaded = this.loadedBy(pod);
    return loaded && confIn(loaded.conf);
  }

  isSilent(pod: Pod): boolean {
    return this.world.monitoringDown || this.realityOf(pod).silent === true;
  }

  runs(pod: Pod): boolean {
    return pod.status?.phase === 'Running' && this.world.isUp(pod.spec.nodeName) && this.loadedBy(pod) !== undefined;
  }

  /** What the monitoring port of a server answers, and, where that does not show it, what it tells the operator as its user. */
  ask(pod: Pod, access: SystemAccess | undefined): Server {
    const { world } = this;
    const live = world.pod(pod.metadata.name);
    const loaded = live && this.loadedBy(live);
    if (!live || !loaded || !this.runs(live) || this.isSilent(live)) return { unknown: 'it does not answer' };
    const others = world.pods.filter((other) => other !== live && this.runs(other) && this.haveRoute(live, other));
    const routes = new Set(others.map(({ metadata }) => metadata.uid));
    const jetStream = world.cluster?.spec.jetStream ? world.streams.report(ordinalOf(live)) : undefined;
    const version = versionOf(live);
    const shows = version === '2.15.2' || (canReload(version) && letsIn(loaded, access));
    const serial = (live.spec as { tls?: boolean }).tls ? loaded.serial : undefined;
    return {
      id: live.metadata.uid,
      version,
      routes,
      jetStream,
      serial,
      config: shows ? confIn(loaded.conf).id : undefined,
    };
  }

  /** Does what the operator asks a server for, or says why not. */
  command(pod: Pod, command: Command, access: SystemAccess): Denied | undefined {
    const live = this.world.pod(pod.metadata.name);
    const denied = this.denial(live?.metadata.uid === pod.metadata.uid ? live : undefined, command, access);
    if (command.kind === 'reload') {
      if (denied) this.denials.set(pod.metadata.uid, { ...denied, config: command.to });
      else this.denials.delete(pod.metadata.uid);
    }
    return denied;
  }

  private denial(live: Pod | undefined, command: Command, access: SystemAccess): Denied | undefined {
    const loaded = live && this.loadedBy(live);
    if (!live || !loaded || !this.runs(live) || this.realityOf(live).deaf) {
      return { denial: 'unreachable', words: 'connection refused' };
    }
    if (!letsIn(loaded, access)) return { denial: 'locked-out', words: 'Authorization Violation' };
    if (command.kind === 'reload') return this.reload(live, loaded);
    this.world.streams.obey(command);
    return undefined;
  }

  private reload({ metadata }: Pod, loaded: Files): Denied | undefined {
    const files = this.files.get(metadata.uid) ?? loaded;
    const [before, now] = [confIn(loaded.conf).setting, confIn(files.conf).setting];
    if (now === 'bad') return { denial: 'refused', words: badWords };
    if ((before === 'fixed') !== (now === 'fixed')) {
      return { denial: 'refused', words: 'config reload not supported for Setting' };
    }
    this.loaded.set(metadata.uid, files);
    return undefined;
  }

  /** Whether each two of these servers that speak the same protocol have a route. */
  isWhole(pods: readonly Pod[]): boolean {
    return pods.every((pod) =>
      pods.every(
        (other) =>
          other === pod ||
          !sameProtocol(pod, other) ||
          !this.sameRoutes(pod, other) ||
          (this.runs(other) && this.haveRoute(pod, other)),
      ),
    );
  }

  private haveRoute(a: Pod, b: Pod): boolean {
    return sameProtocol(a, b) && this.sameRoutes(a, b) && !this.realityOf(a).isolated && !this.realityOf(b).isolated;
  }

  /** Servers with TLS for their routes and those without refuse each other. */
  private sameRoutes(a: Pod, b: Pod): boolean {
    return this.routesOf(a) === this.routesOf(b);
  }

  private routesOf(pod: Pod): string | undefined {
    const { cluster } = this.world;
    const isOld = cluster !== undefined && isPredecessor(pod, cluster);
    return pod.metadata.annotations?.[routesAnnotation] ?? (isOld ? 'plain' : undefined);
  }
}

export function versionOf({ spec }: Pod): string {
  return spec.containers?.[0]?.image?.split(':')[1] ?? '';
}

/** Whether a server lets the operator into its system account. */
function letsIn({ conf }: Files, access: SystemAccess | undefined): boolean {
  const { password } = confIn(conf);
  return access?.credentials.some((each) => 'password' in each && each.password === password) ?? false;
}

/** Servers of 1.x and 2.x refuse each other's routes. */
function sameProtocol(a: Pod, b: Pod): boolean {
  const [one, other] = [a, b].map((pod) => versionOf(pod).split('.')[0] === '1');
  return one === other;
}
