import { helpText, parseOptions, UsageError } from './options';

describe('options', () => {
  it('have defaults that fit a Deployment of two replicas', () => {
    expect(parseOptions([], { POD_NAME: 'operator-0', POD_NAMESPACE: 'nats-system' })).toEqual({
      namespaces: [],
      listen: { host: undefined, port: 8080 },
      logLevel: 'info',
      logFormat: 'json',
      maxConcurrentReconciles: 8,
      leaderElection: true,
      leaseNamespace: 'nats-system',
      identity: expect.stringMatching(/^operator-0_\d+_[0-9a-z]+$/) as string,
      installCrds: true,
    });
  });

  it('come from flags, else from the environment', () => {
    const env = {
      NATS_OPERATOR_LOG_LEVEL: 'debug',
      NATS_OPERATOR_NAMESPACES: 'one, two,',
      NATS_OPERATOR_LISTEN: '[::1]:9',
    };
    expect(parseOptions(['--log-level=error', '--leader-elect', 'false'], env)).toMatchObject({
      logLevel: 'error',
      namespaces: ['one', 'two'],
      listen: { host: '[::1]', port: 9 },
      leaderElection: false,
    });
  });

  it.each([
    [['--colour=red'], /colour.*--help/],
    [['go'], /'go'.*--help/],
    [['--log-level=loud'], /^--log-level=loud: use .*debug.*info/],
    [['--leader-elect=maybe'], /^--leader-elect=maybe: use true, false/],
    [['--max-concurrent-reconciles=0'], /^--max-concurrent-reconciles=0: use 1 to 100$/],
    [['--max-concurrent-reconciles=many'], /use 1 to 100/],
    [['--listen=8080'], /^--listen=8080: use host:port or :port$/],
    [['--listen=:99999'], /use host:port/],
    [['--namespaces=one', '--namespaces=two'], /--namespaces' is given more than once.*--help/],
  ])('refuses %j in one line that names the option and the cure', (args, message) => {
    expect(() => parseOptions(args, {})).toThrow(UsageError);
    expect(() => parseOptions(args, {})).toThrow(message);
    expect(() => parseOptions(args, {})).not.toThrow(/\n/);
  });

  it('are refused where the environment has one that there is not, but for what Kubernetes tells of services', () => {
    const links = {
      NATS_OPERATOR_SERVICE_HOST: '10.0.0.1',
      NATS_OPERATOR_SERVICE_PORT: '80',
      NATS_OPERATOR_SERVICE_PORT_HTTP: '80',
      NATS_OPERATOR_PORT: 'tcp://10.0.0.1:80',
      NATS_OPERATOR_PORT_80_TCP_ADDR: '10.0.0.1',
      NATS_OPERATOR_METRICS_SERVICE_HOST: '10.0.0.2',
      NATS_OPERATOR_METRICS_PORT_80_TCP: 'tcp://10.0.0.2:80',
    };
    expect(parseOptions([], links)).toMatchObject({ namespaces: [] });
    const words = 'Unknown option $NATS_OPERATOR_NAMESPACE; --help lists the options';
    expect(() => parseOptions([], { ...links, NATS_OPERATOR_NAMESPACE: 'one' })).toThrow(new UsageError(words));
  });

  it('are all in the help, with their variables', () => {
    expect(parseOptions(['--help'], {})).toBe('help');
    for (const text of ['--namespaces', '$NATS_OPERATOR_LEASE_NAMESPACE', '--install-crds', '(default: 8;']) {
      expect(helpText()).toContain(text);
    }
  });
});
