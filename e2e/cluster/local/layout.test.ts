import { bridge, nodeLayout, podNetwork } from './layout';

const nodes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(nodeLayout);

describe('the layout of nodes', () => {
  it('gives nothing to two nodes', () => {
    for (const key of ['name', 'folder', 'address', 'pods', 'link', 'cgroup'] as const) {
      expect(new Set(nodes.map((node) => node[key])).size).toBe(nodes.length);
    }
  });

  it('keeps addresses in the networks that are made for them, and away from the bridge', () => {
    for (const node of nodes) {
      expect(node.address).toMatch(/^10\.89\.0\.\d+$/);
      expect(node.address).not.toBe(bridge.address);
      expect(node.pods).toMatch(/^10\.244\.\d+\.0\/24$/);
    }
    expect(podNetwork).toBe('10.244.0.0/16');
  });

  it('keeps names of links as short as the kernel wants them, 15 characters', () => {
    for (const name of [bridge.name, ...nodes.map((node) => node.link)]) expect(name.length).toBeLessThanOrEqual(15);
  });
});
