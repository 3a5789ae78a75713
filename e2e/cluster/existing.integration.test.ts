import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKwokNodes } from './control-plane/kwok';
import { startControlPlane, type TemporaryControlPlane } from './control-plane/temporary';
import { eventually } from './eventually';
import { ExistingCluster } from './existing';
import { writeDockerArchive } from './images/docker-archive';

describe('a cluster that somebody else runs', () => {
  let controlPlane: TemporaryControlPlane;
  let cluster: ExistingCluster;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    await addKwokNodes(controlPlane, 3);
    cluster = new ExistingCluster({ CLUSTER_KUBECONFIG: controlPlane.kubeconfig });
  }, 180_000);

  afterAll(() => controlPlane.remove());

  it('has the nodes that take pods, and says when they are too few', async () => {
    await controlPlane.kubectl('taint', 'node', 'kwok-0', 'reserved=yes:NoSchedule');
    // a node is tainted as not ready until a controller has seen that it is
    await eventually(60, async () => {
      expect(await cluster.nodes()).toEqual(['kwok-1', 'kwok-2']);
    });
    await cluster.up(2);
    await expect(cluster.up(3)).rejects.toThrow(/ has 2 nodes that take pods, 3 are needed: set NODES$/);
  }, 120_000);

  it('is not loaded with images, but said which ones it must find', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'existing-'));
    const print = jest.spyOn(console, 'log').mockImplementation();
    try {
      const archive = join(folder, 'images.tar');
      const image = (reference: string) => ({ references: [reference], files: [], entrypoint: ['/x'] });
      await writeDockerArchive(archive, [image('nats:1.0.4'), image('nats:2.15.2')]);
      await cluster.loadImage(archive);
      expect(print.mock.calls.join()).toMatch(/must find: nats:1\.0\.4, nats:2\.15\.2$/);
    } finally {
      print.mockRestore();
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps its nodes running', async () => {
    await expect(cluster.stopNode('kwok-1')).rejects.toThrow('kwok-1 is not ours to stop');
    await expect(cluster.startNode('kwok-1')).rejects.toThrow('kwok-1 is not ours to start');
  });
});

describe('the kubeconfig of a cluster that somebody else runs', () => {
  it('must be named', () => {
    expect(() => new ExistingCluster({})).toThrow('CLUSTER=existing needs CLUSTER_KUBECONFIG');
  });

  it('must be there', () => {
    expect(() => new ExistingCluster({ CLUSTER_KUBECONFIG: '/none' })).toThrow(
      'CLUSTER_KUBECONFIG=/none: no such file',
    );
  });

  it('is named in one line when its cluster does not answer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'existing-'));
    try {
      const path = join(folder, 'kubeconfig');
      // no server listens on the first port
      const clusters = [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }];
      const contexts = [{ name: 'c', context: { cluster: 'c' } }];
      writeFileSync(
        path,
        JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters, contexts, 'current-context': 'c' }),
      );
      const cluster = new ExistingCluster({ CLUSTER_KUBECONFIG: path });
      await expect(cluster.nodes()).rejects.toThrow(
        new RegExp(`^the cluster of ${path} does not answer: .*refused.*$`),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
