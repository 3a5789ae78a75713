import { parseNatsCluster, parseNatsServiceRole, type Parsed } from './parse';

describe('reading a NatsCluster', () => {
  it('gives typed sections and every default', () => {
    const { spec } = accepted(aCluster({}));
    expect(spec).toMatchObject({
      size: 3,
      version: '2.15.2',
      serverImage: 'nats',
      image: { pullPolicy: 'IfNotPresent' },
      logging: { debug: false, trace: false },
      lameDuck: { durationSeconds: 120, gracePeriodSeconds: 10 },
      updateStrategy: { maxUnavailable: 1, pauseBetweenMembersSeconds: 0, healthTimeoutSeconds: 600 },
      podDisruptionBudget: { enabled: true },
    });
  });

  it('keeps metadata as it is', () => {
    const raw = aCluster({});
    expect(accepted(raw).metadata).toEqual(raw.metadata);
  });

  it('names the field of each problem, and what must hold', () => {
    const spec = {
      size: 0,
      version: 'latest',
      tls: { serverSecret: 'Upper' },
      auth: { users: [{ name: 'a', nkey: 'x' }, {}], operator: { resolver: { type: 'disk' } } },
    };
    expect(refused(aCluster(spec))).toEqual([
      'spec.size must be 1 or more',
      expect.stringMatching(/^spec\.version must be a full version such as 2\.15\.2 /),
      expect.stringMatching(/^spec\.tls\.serverSecret must be the name of a Secret /),
      expect.stringMatching(/^spec\.auth\.users\[0\]\.nkey must be the public nkey of a user /),
      'spec.auth.users[1].name is required',
      'spec.auth.operator.jwtSecret is required',
      'spec.auth.operator.systemAccount is required',
      'spec.auth.operator.resolver.type must be one of memory, url, full',
    ]);
  });

  it.each([
    ['text', 'spec must be an object'],
    [[{}], 'spec must be an object'],
    [{ tls: [{}] }, 'spec.tls must be an object'],
    [{ extraRoutes: { route: 'a' } }, 'spec.extraRoutes must be a list'],
    [{ extraRoutes: ['a'] }, 'spec.extraRoutes[0] must be an object'],
    [{ config: [] }, 'spec.config must be an object'],
    [{ pod: { labels: { a: 1 } } }, 'spec.pod.labels must be a map of at most 64 texts'],
    [{ pod: { labels: 'a' } }, 'spec.pod.labels must be a map of at most 64 texts'],
  ])('refuses a value of another shape: %j', (spec, message) => {
    expect(refused({ metadata: { name: 'nats' }, spec })).toEqual([message]);
  });

  it('refuses an object that poses as one of a class', () => {
    expect(refused({ metadata: { name: 'nats' }, spec: { size: { constructor: 1 } } })).toEqual([
      expect.stringMatching(/^spec can't be read: /),
    ]);
  });

  it('reports unknown fields wherever they are, and does without them', () => {
    const spec = {
      sise: 3,
      tls: { severSecret: 'a' },
      extraRoutes: [{ route: 'a', weight: 1 }],
      config: { any: 'thing' },
    };
    const parsed = parseNatsCluster({ ...aCluster(spec), extra: true });
    expect(parsed.warnings.map(({ field }) => field)).toEqual([
      'spec.sise',
      'spec.tls.severSecret',
      'spec.extraRoutes[0].weight',
      'extra',
    ]);
    expect(parsed.resource).not.toHaveProperty('spec.sise');
    expect(parsed.resource).toHaveProperty('spec.config', { any: 'thing' });
  });

  it('takes null for nothing', () => {
    const { spec } = accepted(
      aCluster({ size: null, tls: { serverSecret: null }, template: { spec: { containers: null } } }),
    );
    expect(spec.size).toBe(3);
    expect(spec.tls).toEqual({});
    expect(spec.template).toEqual({ spec: {} });
  });

  it('refuses what has no name instead of throwing', () => {
    expect(refused({ spec: {} })).toEqual([expect.stringMatching(/^metadata\.name the name must start with a letter/)]);
    expect(refused({})).toHaveLength(1);
  });

  it('keeps map keys that are names of methods', () => {
    const annotations = { constructor: 'a', toString: 'b' };
    expect(accepted(aCluster({ pod: { annotations } })).spec.pod?.annotations).toEqual(annotations);
  });

  it('checks the built-in types of Kubernetes in depth', () => {
    const containers = [
      { name: 'nats', image: 5, resources: { limits: { memory: 'lots', cpu: 0.5 } } },
      { name: 'nats' },
    ];
    const spec = { template: { spec: { containers, hostIP: '1' } }, pod: { natsEnv: [{ name: 'A', value: 1 }] } };
    const parsed = parseNatsCluster(aCluster(spec));
    expect(messages(parsed)).toEqual([
      'spec.template.spec.containers[0].image must be text',
      expect.stringMatching(/^spec\.template\.spec\.containers\[0\]\.resources\.limits\.memory must match /),
      expect.stringMatching(
        /^spec\.template\.spec\.containers\[0\]\.resources\.limits\.cpu must be a whole number or text/,
      ),
      'spec.template.spec.containers[1].name must be unique in the list',
      'spec.pod.natsEnv[0].value must be text',
    ]);
    expect(parsed.warnings.map(({ field }) => field)).toEqual(['spec.template.spec.hostIP']);
  });
});

describe('spellings of nats-operator 0.8', () => {
  it('drops the leading v of a version, and takes empty text for the default', () => {
    expect(accepted(aCluster({ version: 'v2.1.9' })).spec.version).toBe('2.1.9');
    expect(accepted(aCluster({ version: '', serverImage: '' })).spec).toMatchObject({
      version: '2.15.2',
      serverImage: 'nats',
    });
  });

  it.each([
    [{ natsConfig: { debug: true } }, { debug: true, trace: false }],
    [
      { natsConfig: { trace: true }, logging: { debug: true } },
      { debug: true, trace: true },
    ],
    [
      { natsConfig: { debug: false }, logging: { debug: true } },
      { debug: true, trace: false },
    ],
    [{ natsConfig: {} }, { debug: false, trace: false }],
  ])('logs where either place says so: %j', (spec, logging) => {
    expect(accepted(aCluster(spec)).spec.logging).toEqual(logging);
  });

  it('reads both spellings of the write deadline', () => {
    expect(accepted(aCluster({ natsConfig: { writeDeadline: '5s' } })).spec.natsConfig?.write_deadline).toBe('5s');
    expect(accepted(aCluster({ natsConfig: { write_deadline: '4s' } })).spec.natsConfig?.write_deadline).toBe('4s');
  });

  it.each([
    [60, { durationSeconds: 60, gracePeriodSeconds: 10 }],
    [5, { durationSeconds: 5, gracePeriodSeconds: 4 }],
    [0, { durationSeconds: 0, gracePeriodSeconds: 0 }],
  ])('makes a lame duck duration of %d s with a grace period that fits', (lameDuckDurationSeconds, lameDuck) => {
    expect(accepted(aCluster({ lameDuckDurationSeconds })).spec.lameDuck).toEqual(lameDuck);
  });

  it('reads a status that 0.8 stored', () => {
    const conditions = [
      { type: 'Ready', reason: 'current state matches desired state', transitionTime: '2020-01-01T00:00:00Z' },
    ];
    const status = { phase: 'Running', reason: '', controlPaused: false, conditions, size: 3, currentVersion: '2.1.9' };
    expect(accepted({ ...aCluster({}), status }).status).toEqual(status);
  });

  it('is not stopped by a status, whatever is in it', () => {
    const parsed = parseNatsCluster({ ...aCluster({}), status: { size: 'many', conditions: null, colour: 'blue' } });
    expect(parsed).toMatchObject({ resource: { status: { size: 'many' } }, warnings: [] });
  });
});

describe('reading the same object again', () => {
  it('does not parse it again', () => {
    const raw = aCluster({});
    expect(parseNatsCluster(raw)).toBe(parseNatsCluster(raw));
  });
});

describe('reading a NatsServiceRole', () => {
  it('gives its permissions', () => {
    const spec = { permissions: { publish: ['foo.*'], subscribe: ['>'] } };
    expect(parseNatsServiceRole({ metadata: { name: 'role' }, spec }).resource?.spec).toEqual(spec);
  });

  it('refuses subjects with spaces', () => {
    const parsed = parseNatsServiceRole({ metadata: { name: 'role' }, spec: { permissions: { publish: ['a b'] } } });
    expect(messages(parsed)).toEqual([
      expect.stringMatching(/^spec\.permissions\.publish each entry must be a subject without spaces/),
    ]);
  });
});

function aCluster(spec: object) {
  return { apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', metadata: { name: 'nats', namespace: 'default' }, spec };
}

function accepted(raw: object) {
  const { resource, problems } = parseNatsCluster(raw);
  expect(problems).toBeUndefined();
  return resource!;
}

function refused(raw: object): string[] {
  return messages(parseNatsCluster(raw));
}

function messages({ problems = [] }: Parsed<unknown>): string[] {
  return problems.map(({ field, message }) => `${field} ${message}`);
}
