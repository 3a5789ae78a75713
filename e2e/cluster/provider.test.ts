import { chooseProvider, nodesAreOurs } from './provider';

const yes = () => Promise.resolve(true);
const no = () => Promise.resolve(false);

describe('the provider of a test cluster', () => {
  it('is the one that CLUSTER names, whatever else is there', async () => {
    expect(await chooseProvider({ CLUSTER: 'local', CLUSTER_KUBECONFIG: '/k' }, yes)).toBe('local');
    expect(await chooseProvider({ CLUSTER: 'kind' }, no)).toBe('kind');
  });

  it('is an existing cluster where one is given', async () => {
    expect(await chooseProvider({ CLUSTER_KUBECONFIG: '/k' }, yes)).toBe('existing');
  });

  it('is kind where a container engine answers', async () => {
    expect(await chooseProvider({}, yes)).toBe('kind');
  });

  it('is local without a container engine', async () => {
    expect(await chooseProvider({ CLUSTER: '' }, no)).toBe('local');
  });

  it('refuses a name it does not know and says which ones there are', async () => {
    await expect(chooseProvider({ CLUSTER: 'k3s' }, no)).rejects.toThrow(
      'CLUSTER=k3s is unknown: use existing, kind, local, or leave it empty',
    );
  });

  it('has nodes that tests may stop, unless somebody else runs them', async () => {
    const environments = [{}, { CLUSTER: '' }, { CLUSTER: 'kind' }, { CLUSTER: 'local', CLUSTER_KUBECONFIG: '/k' }];
    const foreign = [{ CLUSTER: 'existing' }, { CLUSTER_KUBECONFIG: '/k' }, { CLUSTER: '', CLUSTER_KUBECONFIG: '/k' }];
    for (const env of [...environments, ...foreign]) {
      expect(nodesAreOurs(env)).toBe((await chooseProvider(env, yes)) !== 'existing');
    }
    expect(foreign.some(nodesAreOurs)).toBe(false);
  });
});
