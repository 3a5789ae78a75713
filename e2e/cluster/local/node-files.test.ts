import { nodeLayout } from './layout';
import { cniConfig, containerdConfig, initScript, kubeletConfig, type NodeInputs } from './node-files';

const inputs = (index = 2, nodes = 3): NodeInputs => ({
  layout: nodeLayout(index),
  nodes,
  kubernetes: '/cache/kubernetes',
  kubeconfigs: { kubelet: '/k/kubelet', proxy: '/k/proxy' },
  clientAuthority: '/k/ca.crt',
});

describe('the files of a node', () => {
  it('route to the pods of every other node, and not to its own through itself', () => {
    const script = initScript(inputs(2, 3));
    const routes = [...script.matchAll(/ip route add (10\.244\.\S+) via (\S+)/g)].map(([, pods, via]) => [pods, via]);
    expect(routes).toEqual([
      ['10.244.1.0/24', '10.89.0.11'],
      ['10.244.3.0/24', '10.89.0.13'],
    ]);
  });

  it('give it pods from its own network', () => {
    expect(JSON.stringify(cniConfig(inputs(2)))).toContain('"subnet":"10.244.2.0/24"');
  });

  it('forget the addresses of pods in a power cut, as there are no pods after it', () => {
    expect(JSON.stringify(cniConfig(inputs()))).toContain('"dataDir":"/run/');
    expect(initScript(inputs())).toContain('mount -t tmpfs tmpfs /run\n');
  });

  it('put its disk in place before any program that writes to it starts', () => {
    const script = initScript(inputs());
    expect(script.indexOf('mount --rbind')).toBeGreaterThan(0);
    expect(script.indexOf('mount --rbind')).toBeLessThan(script.indexOf('containerd -c'));
    expect(script.indexOf('mount --rbind')).toBeLessThan(script.indexOf('kubelet --config'));
  });

  it('let nobody use its kubelet without the rights for it', () => {
    expect(kubeletConfig(inputs())).toMatchObject({
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/k/ca.crt' } },
      authorization: { mode: 'Webhook' },
    });
  });

  it('keep its pods in its own cgroup', () => {
    expect(kubeletConfig(inputs(2))).toMatchObject({ cgroupRoot: '/nats-operator-e2e/node2' });
  });

  it('keep programs from making folders on the machine itself', () => {
    expect(containerdConfig(inputs())).toContain('disabled_plugins = ["io.containerd.internal.v1.opt"]');
    expect(kubeletConfig(inputs())).toMatchObject({
      volumePluginDir: expect.stringMatching(/^\/var\/lib\//) as string,
    });
  });
});
