import { type Image } from '../e2e/cluster/images/docker-archive';

/** How the operator's image runs; the Dockerfile says the same, and a test compares them. */
export const runSettings = {
  // DEP0040: a library of client-node's loads punycode, which is no concern of whoever reads the log
  // V8 lets a heap grow to twice of what lives in it before it collects, which suits who wants throughput; a quarter more
  // keeps the peak of 1,000 new clusters at 208 MiB instead of 342 and costs no time that can be measured
  entrypoint: [
    ...['/usr/local/bin/node', '--disable-warning=DEP0040', '--max-semi-space-size=8', '--heap-growing-percent=25'],
    '/app/nats-operator.js',
  ],
  env: ['NODE_ENV=production'],
  user: '65532:65532',
  workingDir: '/app',
  ports: [8080],
} satisfies Omit<Image, 'references' | 'files'>;
