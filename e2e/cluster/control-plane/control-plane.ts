import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../binaries/binaries';
import { Daemon, type DaemonSpec } from '../processes/daemon';
import { endsWithUs } from '../processes/ends-with-us';
import { CertificateAuthority, serviceAccountKeys, type KeyPair } from './certificates';
import { kubeconfig } from './kubeconfig';

const run = promisify(execFile);

/** What a control plane is made with. */
export interface ControlPlaneOptions {
  /** Folder for certificates, data and logs. */
  folder: string;
  /** TCP ports at 127.0.0.1; the API server's also at `address`. */
  ports: { api: number; etcd: number; etcdPeer: number };
  /** Address that nodes and pods reach the API server at. Default: this machine only. */
  address?: string;
  /** More flags, or other values for the ones set here, without the leading dashes. */
  flags?: { apiServer?: Flags; controllerManager?: Flags };
}

/** Flags of a component by name, without the leading dashes. */
export type Flags = Record<string, string>;

/** The processes of a control plane. */
export type Components = Record<'etcd' | 'apiServer' | 'controllerManager' | 'scheduler', Daemon>;

// A lone replica that serves nothing. By default its client waits between requests, which costs seconds at the start.
const alone: Flags = {
  'leader-elect': 'false',
  'secure-port': '0',
  'kube-api-qps': '500',
  'kube-api-burst': '1000',
};

const loopback = '127.0.0.1';

/** First address of the service network: the API server's own service `kubernetes`. */
const serviceNetwork = { range: '10.96.0.0/16', first: '10.96.0.1' };

/**
 * etcd, API server, controller-manager and scheduler as plain processes, without root and without nodes. Certificates,
 * RBAC and admission are those of a normal cluster; only etcd skips fsync, as nobody needs this data after a power cut.
 */
export class ControlPlane {
  private constructor(
    readonly folder: string,
    /** URL of the API server. */
    readonly url: string,
    /** PEM of the authority that signed the API server's certificate. */
    readonly authority: CertificateAuthority,
    /** Path of a kubeconfig file with cluster-admin rights. */
    readonly kubeconfig: string,
    /** Each can be stopped and started on its own, to test what happens then. */
    readonly components: Components,
    private readonly kubernetes: string,
  ) {}

  /** Writes what the components need and names them; `start` runs them. */
  static async prepare({
    folder,
    ports,
    address = '127.0.0.1',
    flags = {},
  }: ControlPlaneOptions): Promise<ControlPlane> {
    const { kubernetes, etcd: etcdBinary } = await binaries('kubernetes', 'etcd');
    mkdirSync(join(folder, 'pki'), { recursive: true });
    const file = (name: string, content: string) => {
      const path = join(folder, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    const pair = (name: string, { certificate, key }: KeyPair) => ({
      certificate: file(`pki/${name}.crt`, certificate),
      key: file(`pki/${name}.key`, key),
    });
    const authority = await CertificateAuthority.create('test cluster');
    const ca = pair('ca', authority.pair);
    const names = [
      ...['localhost', loopback, serviceNetwork.first, address, 'kubernetes', 'kubernetes.default'],
      ...['kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
    ];
    const serving = pair('apiserver', await authority.issue({ commonName: 'kube-apiserver', names }));
    const adminPair = await authority.issue({ commonName: 'admin', organization: 'system:masters' });
    const admin = pair('admin', adminPair);
    const signing = serviceAccountKeys();
    const tokenKey = file('pki/service-account.key', signing.privateKey);
    const tokenPublicKey = file('pki/service-account.pub', signing.publicKey);

    const url = `https://127.0.0.1:${ports.api}`;
    const configOf = async (name: string, user: string) => {
      const certificate = await authority.issue({ commonName: user });
      return file(`${name}.kubeconfig`, kubeconfig(url, authority.pair.certificate, certificate));
    };
    const daemon = (name: string, program: string[], own: Flags, ready?: DaemonSpec['ready']) => {
      const [first = '', ...rest] = program;
      const command: DaemonSpec['command'] = [first, ...rest, ...Object.entries(own).map(([k, v]) => `--${k}=${v}`)];
      // three that start at once take half a minute on two cores
      return new Daemon({ name, folder, command, ready, readyWithinSeconds: 120 });
    };

    const etcdUrl = `http://127.0.0.1:${ports.etcd}`;
    const peerUrl = `http://127.0.0.1:${ports.etcdPeer}`;
    const etcd = daemon('etcd', [etcdBinary], {
      'data-dir': join(folder, 'etcd'),
      'listen-client-urls': etcdUrl,
      'advertise-client-urls': etcdUrl,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `default=${peerUrl}`,
      'unsafe-no-fsync': 'true',
      'log-level': 'warn',
    });
    const apiServer = daemon(
      'kube-apiserver',
      [kubernetes, 'kube-apiserver'],
      {
        'etcd-servers': etcdUrl,
        'advertise-address': address,
        // endpoints may not be loopback addresses, and without nodes nobody needs those of service `kubernetes`
        ...(address === loopback
          ? { 'bind-address': loopback, 'endpoint-reconciler-type': 'none' }
          : { 'bind-address': '0.0.0.0' }),
        'secure-port': String(ports.api),
        'service-cluster-ip-range': serviceNetwork.range,
        'client-ca-file': ca.certificate,
        'tls-cert-file': serving.certificate,
        'tls-private-key-file': serving.key,
        'kubelet-client-certificate': admin.certificate,
        'kubelet-client-key': admin.key,
        // node names are in no DNS, and logs and exec would look them up there
        'kubelet-preferred-address-types': 'InternalIP',
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': tokenPublicKey,
        'service-account-signing-key-file': tokenKey,
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'allow-privileged': 'true',
        ...flags.apiServer,
      },
      () => isReady(url, adminPair, authority.pair.certificate),
    );
    const controllerConfig = await configOf('controller-manager', 'system:kube-controller-manager');
    const controllerManager = daemon('kube-controller-manager', [kubernetes, 'kube-controller-manager'], {
      kubeconfig: controllerConfig,
      'service-account-private-key-file': tokenKey,
      'root-ca-file': ca.certificate,
      'cluster-signing-cert-file': ca.certificate,
      'cluster-signing-key-file': ca.key,
      'use-service-account-credentials': 'true',
      // the default is below /usr, and is made where it is missing
      'flex-volume-plugin-dir': join(folder, 'volume-plugins'),
      ...alone,
      ...flags.controllerManager,
    });
    const scheduler = daemon('kube-scheduler', [kubernetes, 'kube-scheduler'], {
      kubeconfig: await configOf('scheduler', 'system:kube-scheduler'),
      ...alone,
    });
    const adminConfig = file('admin.kubeconfig', kubeconfig(url, authority.pair.certificate, adminPair));
    const components = { etcd, apiServer, controllerManager, scheduler };
    return new ControlPlane(folder, url, authority, adminConfig, components, kubernetes);
  }

  /** Starts all components; returns when the API server is ready and namespace `default` can take pods. */
  async start(): Promise<void> {
    const { etcd, apiServer, controllerManager, scheduler } = this.components;
    await etcd.start();
    await apiServer.start();
    await Promise.all([controllerManager.start(), scheduler.start()]);
    await this.kubectl('wait', '--for=create', 'serviceaccount/default', '--timeout=90s');
  }

  /** Stops all components, the API server before etcd so that it does not complain. */
  async stop(): Promise<void> {
    const { etcd, apiServer, controllerManager, scheduler } = this.components;
    await Promise.all([controllerManager.stop('SIGKILL'), scheduler.stop('SIGKILL')]);
    await apiServer.stop('SIGKILL');
    await etcd.stop('SIGKILL');
  }

  /** Runs kubectl as cluster-admin and returns what it prints. Throws where it exits with an error. */
  async kubectl(...args: string[]): Promise<string> {
    const command = endsWithUs(this.kubernetes, ['kubectl', `--kubeconfig=${this.kubeconfig}`, ...args]);
    const { stdout } = await run(...command, { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  /** Path of a kubeconfig for another user, known by a client certificate: RBAC decides what it may do. */
  async kubeconfigFor(user: string, { group = '', server = this.url } = {}): Promise<string> {
    const certificate = await this.authority.issue({ commonName: user, organization: group });
    const path = join(this.folder, `user-${user.replaceAll(':', '-')}.kubeconfig`);
    writeFileSync(path, kubeconfig(server, this.authority.pair.certificate, certificate), { mode: 0o600 });
    return path;
  }
}

function isReady(url: string, { certificate, key }: KeyPair, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(`${url}/readyz`, { ca, cert: certificate, key, agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => {
      resolve(false);
    });
    call.end();
  });
}
