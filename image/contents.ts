import { type Image } from '../e2e/cluster/images/docker-archive';

/** How the operator's image runs; the Dockerfile says the same, and a test compares them. */
export const runSettings = {
  // DEP0040: a library of client-node's loads punycode, which is no concern of whoever reads the log
  entrypoint: ['/usr/local/bin/node', '--disable-warning=DEP0040', '/app/nats-operator.js'],
  env: ['NODE_ENV=production'],
  user: '65532:65532',
  workingDir: '/app',
  ports: [8080],
} satisfies Omit<Image, 'references' | 'files'>;
