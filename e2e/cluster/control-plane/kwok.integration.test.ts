import { addKwokNodes } from './kwok';
import { startControlPlane, type TemporaryControlPlane } from './temporary';

describe('KWOK nodes', () => {
  let controlPlane: TemporaryControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    await addKwokNodes(controlPlane, 2);
  }, 180_000);

  afterAll(() => controlPlane.remove());

  it('make pods Ready without a kubelet', async () => {
    await controlPlane.kubectl('run', 'anything', '--image=anything');
    await controlPlane.kubectl('wait', '--for=condition=Ready', 'pod/anything', '--timeout=90s');
    const node = await controlPlane.kubectl('get', 'pod', 'anything', '-o', 'jsonpath={.spec.nodeName}');
    expect(node).toMatch(/^kwok-[01]$/);
  }, 180_000);

  it('let pods go when they are deleted', async () => {
    await controlPlane.kubectl('run', 'passing', '--image=anything');
    await controlPlane.kubectl('wait', '--for=condition=Ready', 'pod/passing', '--timeout=90s');
    await controlPlane.kubectl('delete', 'pod', 'passing', '--timeout=90s');
    await expect(controlPlane.kubectl('get', 'pod', 'passing')).rejects.toThrow(/NotFound/);
  }, 240_000);
});
