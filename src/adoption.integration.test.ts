import { connect } from '@nats-io/transport-node';
import { eventually } from '../e2e/cluster/eventually';
import { predecessorObjects, predecessorStatus } from '../e2e/testing/predecessor';
import { natsClusterKind } from './controllers/nats-cluster/kind';
import { type NewObject, type StoredObject } from './kubernetes/object';
import { kinds } from './kubernetes/resource-kind';
import { NatsServer } from './nats/testing/nats-server';
import { memberLabel } from './templates/names';
import { commandsOf } from './testing/guide-from-0.8';
import {
  busy,
  clusterFile,
  clusterOf08,
  predecessorFile,
  PredecessorOnKwok,
  roleFile,
  roleOf08,
  tokenOf08,
} from './testing/predecessor-on-kwok';
import { RunningOperator } from './testing/running-operator';
import { secretsStay } from './testing/secrets-stay';

const namespace = 'default';
const patience = 120;
const ours = 'system:serviceaccount:default:nats-operator';

const clusterRoleKind = {
  ...{ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', plural: 'clusterroles' },
  namespaced: false,
};

type RoleWithRules = StoredObject & { rules: object[] };

type Crd = StoredObject & {
  spec: { versions: { name: string; storage: boolean }[] };
  status: { storedVersions: string[] };
};

// Each test finds what the one before it left: together they are what somebody does who follows the guide.
describe('an API server on which nats-operator 0.8 was installed', () => {
  let left: PredecessorOnKwok;
  let operator: RunningOperator | undefined;
  /** What nats.conf was while the cluster was taken over, from that of 0.8 on. */
  let written: string[];

  beforeAll(async () => {
    left = await PredecessorOnKwok.start();
  }, 500_000);

  afterAll(async () => {
    await operator?.stop();
    await left.kwok.remove();
  }, 180_000);

  it('does not let its Deployment be applied over, as the guide says, and has our CRDs and rights then', async () => {
    await expect(left.sh('kubectl apply -f example/deployment.yaml')).rejects.toThrow(
      /The Deployment "nats-operator" is invalid: spec.selector: .*field is immutable/,
    );
    expect((await storedCrd('natsclusters')).status.storedVersions).toEqual(['v1alpha2', 'v1beta1']);
  }, 120_000);

  it('takes all of it when that is deleted, as the guide says', async () => {
    const [stop = '', install = ''] = commandsOf('The move', busy.name).filter((command) => /deployment/.test(command));
    await left.sh(stop.replace('-n <its namespace> ', ''));
    expect(await left.sh(install)).toContain('deployment.apps/nats-operator created');
    for (const plural of ['natsclusters', 'natsserviceroles']) {
      const { spec, status } = await storedCrd(plural);
      expect(spec.versions.map(({ name, storage }) => [name, storage])).toEqual([
        ['v1beta1', true],
        ['v1alpha2', false],
      ]);
      expect(status.storedVersions).toEqual(['v1alpha2', 'v1beta1']);
    }
  }, 120_000);

  it('has what was stored read, labelled and applied by its users as before, in both versions', async () => {
    for (const kind of ['natsclusters.v1alpha2.nats.io/busy', 'natsclusters.v1beta1.nats.io/busy', 'nats/busy']) {
      expect(await left.sh(`kubectl get ${kind}`)).toMatch(/busy +3 .*Running/);
    }
    expect(await left.sh('kubectl label nats/busy natsserviceroles/app team=messaging')).toMatch(
      /busy labeled.*app labeled/s,
    );
    await left.apply(clusterFile(4));
    expect(await left.kwok.client.get(natsClusterKind, { namespace, name: busy.name })).toMatchObject({
      spec: { size: 4 },
      status: predecessorStatus(busy),
    });
    await left.apply(clusterFile(busy.size));
    await left.apply(roleFile('invoices.*'));
    expect(await left.sh('kubectl get natsserviceroles/app -o jsonpath={.spec}')).toContain('invoices.*');
    await left.apply(roleFile('orders.*'));
  }, 120_000);

  it('has its cluster taken over with the rights that were applied, and whoever comes with a token of 0.8 is let in', async () => {
    const configs = await left.watched(`secret/${busy.name}`, String.raw`{.data.nats\.conf}`);
    // time to look at what comes between two members
    await left.sh(
      `kubectl patch nats busy --type=merge -p '{"spec":{"updateStrategy":{"pauseBetweenMembersSeconds":8}}}'`,
    );
    await left.sh(commandsOf('The move', busy.name).find((command) => /keep-management-service/.test(command))!);
    // a controller of roles that is late, as it has much to do when an operator starts
    await left.kubectl.apply(...secretsStay);
    await eventually(patience, async () => {
      await expect(left.sh('kubectl annotate secret app-busy-bound-token late=yes')).rejects.toThrow(/Secrets stay/);
    });
    operator = await startOperator();
    await eventually(patience, async () => {
      const members = (await left.kwok.natsCluster(busy.name).pods()).map(({ metadata }) => metadata.name);
      expect(members).toContainEqual(expect.not.stringMatching(/^busy-[123]$/));
    });
    for (const object of secretsStay) await left.sh(`kubectl delete ${object.kind} secrets-stay`);
    await eventually(patience, () => left.sh('kubectl annotate secret app-busy-bound-token late-'));
    await left.sh('kubectl label serviceaccount app late=no'); // for it not to wait for its next try
    let early = 0;
    await eventually(patience, async () => {
      const token = await tokenOf('app');
      const pods = await left.kwok.natsCluster(busy.name).pods();
      const remaining = pods.filter(({ metadata }) => /^busy-[123]$/.test(metadata.name));
      // an application that is thrown out by the end of an old pod reads the token again
      if (remaining.length > 0 && token !== tokenOf08) early++;
      expect(remaining).toEqual([]);
      expect(await readiness('nats/busy')).toBe('True');
      expect(await readiness('natsserviceroles/app')).toBe('True');
    });
    expect(early).toBe(0);
    written = [...new Set(configs.end().map(decoded))];
    expect(written.length).toBeGreaterThan(1);
  }, 800_000);

  it('has written no config in that time with which a server refuses that token', async () => {
    for (const config of written) {
      const { authorization } = parsed(config);
      const server = await NatsServer.start('2.10.29', { authorization });
      try {
        const servers = `127.0.0.1:${server.ports.client}`;
        const client = await connect({ servers, user: 'app', pass: tokenOf08, reconnect: false });
        client.publish('orders.new');
        await client.flush();
        await client.close();
      } finally {
        await server.remove();
      }
    }
  }, 180_000);

  it('has the token of 0.8 renewed when all is taken over, and kept beside the new one until servers take that', async () => {
    await left.sh(`kubectl patch nats busy --type=merge -p '{"spec":{"updateStrategy":null}}'`);
    await eventually(patience, async () => {
      expect(await tokenOf('app')).not.toBe(tokenOf08);
      expect(await tokenOf('app', 'previous-token')).toBe(tokenOf08);
    });
  }, 300_000);

  it('needs nothing of what only 0.8 had, which the guide deletes', async () => {
    const commands = commandsOf('The move', busy.name).filter((command) => /clusterrole/.test(command));
    expect(commands).toHaveLength(2);
    for (const command of commands) await left.sh(command);
    await left.apply(clusterFile(2));
    await eventually(patience, async () => {
      expect((await left.kwok.natsCluster(busy.name).pods()).map(memberOf).sort()).toEqual(['0', '1']);
      expect(await readiness('nats/busy')).toBe('True');
    });
    await left.apply(clusterFile(busy.size));
    await eventually(patience, async () => {
      expect((await left.kwok.natsCluster(busy.name).pods()).map(memberOf).sort()).toEqual(['0', '1', '2']);
      expect(await readiness('nats/busy')).toBe('True');
    });
  }, 300_000);

  it('makes what 0.8 does not know where the spec asks for it', async () => {
    await left.sh(
      `kubectl patch nats busy --type=merge -p '{"spec":{"networkPolicy":{},"pod":{"advertiseExternalIP":true}}}'`,
    );
    await eventually(patience, async () => {
      const pods = await left.kwok.natsCluster(busy.name).pods();
      const told = pods.filter(({ spec }) => JSON.stringify(spec).includes('busy-external-addresses'));
      expect(told.map(memberOf).sort()).toEqual(['0', '1', '2']);
      expect(await readiness('nats/busy')).toBe('True');
      await left.sh('kubectl get networkpolicy/busy secret/busy-external-addresses');
    });
  }, 300_000);

  describe('on the way back', () => {
    const commands = commandsOf('The way back', busy.name);
    const [stop = '', ...unbind] = commands.slice(
      0,
      commands.findIndex((command) => /delete pod /.test(command)),
    );
    const [replaceMember = '', ...rest] = commands.slice(unbind.length + 1);
    // the CRD of the Prometheus operator is not there
    const cleanUp = rest.filter((command) => !/podmonitor/.test(command));

    it('is not one that 0.8 starts on as long as our version counts as stored', async () => {
      await operator?.stop();
      operator = undefined;
      await left.sh(stop);
      await expect(left.startAs08()).rejects.toThrow(/status.storedVersions\[\d\]: Invalid value: "v1beta1"/);
    }, 240_000);

    it('is one that 0.8 starts on when the guide was followed', async () => {
      for (const command of unbind) await left.sh(command);
      await eventually(patience, () => left.startAs08());
      await left.sh(`kubectl apply -f ${predecessorFile}`);
      expect(
        (await left.kwok.client.get<RoleWithRules>(clusterRoleKind, { name: 'nats-operator' }))?.rules,
      ).toContainEqual(expect.objectContaining({ resources: ['endpoints'] }));
    }, 500_000);

    it('has all resources for a client of 0.8, which writes its status into them', async () => {
      await eventually(patience, async () => {
        const [stored] = await left.kwok.client.list(clusterOf08);
        expect(stored).toMatchObject({ spec: clusterFile(busy.size).spec, status: { phase: 'Running' } });
        expect(stored?.metadata.finalizers).toBeUndefined();
        const { apiVersion, kind, metadata, spec } = stored as StoredObject & { spec: object };
        const status = predecessorStatus(busy);
        await left.kwok.client.replace(clusterOf08, { apiVersion, kind, metadata, spec, status } as NewObject);
        expect(await left.kwok.client.get(clusterOf08, { namespace, name: busy.name })).toMatchObject({ status });
      });
      expect(await left.kwok.client.list(roleOf08)).toMatchObject([{ spec: roleFile('orders.*').spec }]);
    }, 240_000);

    it('has members that are replaced by pods of 0.8, which mount and select what is there', async () => {
      const { uid } = (await left.kwok.client.get(clusterOf08, { namespace, name: busy.name }))!.metadata;
      const objects = predecessorObjects(busy, { namespace, uid }) as NewObject[];
      const ofKind = (wanted: string) => objects.filter(({ kind }) => kind === wanted);
      for (const [index, pod] of ofKind('Pod').entries()) {
        await left.sh(replaceMember.replace('member=2', `member=${index}`));
        await left.kubectl.apply(pod);
        await left.sh(`kubectl wait --for=condition=Ready pod/${pod.metadata.name} --timeout=60s`);
      }
      for (const command of cleanUp) await left.sh(command);
      const selected = await left.kubectl.run('get', 'pods', '-l', 'app=nats,nats_cluster=busy', '-o', 'name');
      expect(selected.trim().split('\n')).toEqual(['pod/busy-1', 'pod/busy-2', 'pod/busy-3']);
      const all = 'kubectl get services,secrets,pdb,networkpolicies -l nats_cluster=busy -o name';
      expect((await left.sh(all)).trim().split('\n')).toEqual([
        ...['service/busy', 'service/busy-mgmt'],
        ...['secret/app-busy-bound-token', 'secret/busy'],
      ]);
    }, 600_000);

    it('is left with nothing of a cluster that is deleted then', async () => {
      await collectorWatches('natsserviceroles.v1alpha2.nats.io');
      await left.sh(
        'kubectl delete natsclusters.v1alpha2.nats.io/busy natsserviceroles.v1alpha2.nats.io/app --timeout=60s',
      );
      await eventually(patience, async () => {
        const all = 'kubectl get pods,services,secrets,pdb,networkpolicies -l nats_cluster=busy -o name';
        expect(await left.sh(all)).toBe('');
      });
    }, 500_000);
  });

  /** Waits until the garbage collector watches what it looks for twice a minute: versions that came. It has the last word here. */
  async function collectorWatches(kind: string): Promise<void> {
    const probe = { ...roleFile(''), metadata: { name: 'probe' } };
    await left.apply(probe);
    await left.sh(`kubectl delete ${kind}/probe --cascade=foreground --timeout=${patience}s`);
  }

  async function tokenOf(name: string, key = 'token'): Promise<string> {
    return decoded(await left.sh(`kubectl get secret ${name}-busy-bound-token -o jsonpath={.data.${key}}`));
  }

  function readiness(object: string): Promise<string> {
    return left.sh(`kubectl get ${object} -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'`);
  }

  /** As the service account of the Deployment. */
  async function startOperator(): Promise<RunningOperator> {
    const { folder, url } = left.kwok.controlPlane;
    return RunningOperator.start({ folder, url, kubeconfig: await left.kwok.controlPlane.kubeconfigFor(ours) });
  }

  async function storedCrd(plural: string): Promise<Crd> {
    return (await left.kwok.client.get<Crd>(kinds.customResourceDefinition, { name: `${plural}.nats.io` }))!;
  }
});

function memberOf({ metadata }: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }) {
  return metadata.labels?.[memberLabel];
}

/** As 0.8 wrote it, one object in JSON, or as we do, one key a line. */
function parsed(config: string): { authorization?: object } {
  const text = config.startsWith('{') ? config : `{${config.trim().split('\n').join(',')}}`;
  return JSON.parse(text) as { authorization?: object };
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
