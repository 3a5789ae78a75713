import { aCluster } from '../../resources/testing/a-cluster';
import { natsConf } from './nats-conf';

const spec = { gatewayConfig: {}, leafnodeConfig: {}, websocketConfig: {}, pod: { advertiseExternalIP: true } };

describe('an external address', () => {
  it('comes from the environment, for each listener that tells others of itself', () => {
    const conf = natsConf(aCluster(spec), new Map());
    expect(conf).toContain('"client_advertise": $NATS_EXTERNAL_ADDRESS\n');
    expect(conf.match(/"advertise":\$NATS_EXTERNAL_ADDRESS[,}]/g)).toHaveLength(3);
  });

  it('is not told where the spec does not ask for it', () => {
    expect(natsConf(aCluster({ ...spec, pod: {} }), new Map())).not.toContain('advertise');
  });

  it('is never taken for a value of the user that looks like it', () => {
    const conf = natsConf(aCluster({ config: { system_account: '$NATS_EXTERNAL_ADDRESS' } }), new Map());
    expect(conf).toContain('"system_account": "$NATS_EXTERNAL_ADDRESS"');
  });
});
