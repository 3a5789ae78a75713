// Three projects: unit (no I/O), integration (real processes on this machine), e2e (a cluster with nodes).
const swc = {
  sourceMaps: 'inline',
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
};

const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '\\.[jt]s$': ['@swc/jest', swc] },
  // these four are published as ES modules only, which jest's CommonJS runtime can't load untransformed
  transformIgnorePatterns: ['/node_modules/(?!(@kubernetes/client-node|openid-client|oauth4webapi|jose)/)'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
};

/** @type {import('jest').Config} */
module.exports = {
  testTimeout: 120_000, // processes start slowly where many tests run
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{src,e2e,bench,image,deploy}/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.integration\\.test\\.ts$'],
      // all that they need of the client is its types; every file would load hundreds of modules for the rest
      moduleNameMapper: { '^@kubernetes/client-node$': '@kubernetes/client-node/dist/gen/models/all.js' },
    },
    {
      ...base,
      displayName: 'integration',
      testMatch: ['<rootDir>/{src,e2e,bench,image,deploy}/**/*.integration.test.ts'],
    },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/e2e/{core,full}/**/*.e2e.ts'] },
  ],
};
