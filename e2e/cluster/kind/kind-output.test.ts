import { reasonOf, unpulledImage } from './kind-output';

// What kind v0.33.0 printed.
const notPulled = `Creating cluster "t1" ...
 • Ensuring node image (kindest/node:v1.37.0) 🖼️  ...
 ✗ Ensuring node image (kindest/node:v1.37.0) 🖼️
ERROR: failed to create cluster: failed to pull image "kindest/node:v1.37.0@sha256:a1ed56": command "docker pull kindest/node:v1.37.0@sha256:a1ed56" failed with error: exit status 1

Command Output: Error response from daemon: Get "https://registry-1.docker.io/v2/": no such host
`;

describe('the output of kind', () => {
  it('gives one line: what failed, and the last word of the command that failed', () => {
    expect(reasonOf(notPulled)).toMatch(/^failed to create cluster: .* exit status 1: Error response .* no such host$/);
  });

  it('gives the error alone where no command failed', () => {
    expect(reasonOf('ERROR: no nodes found for cluster "t1"\n')).toBe('no nodes found for cluster "t1"');
  });

  it('gives the last line where kind says no error', () => {
    expect(reasonOf('usage: kind\nunknown flag: --nope\n')).toBe('unknown flag: --nope');
  });

  it('tells which image could not be pulled, without its digest', () => {
    expect(unpulledImage(notPulled)).toBe('kindest/node:v1.37.0');
    expect(unpulledImage('ERROR: node(s) already exist for a cluster with the name "t1"')).toBeUndefined();
  });
});
