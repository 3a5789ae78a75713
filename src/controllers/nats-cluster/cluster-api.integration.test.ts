import { ApiClient } from '../../kubernetes/api-client';
import { Fenced } from '../../kubernetes/calls';
import { type Connection } from '../../kubernetes/connection';
import { NatsServer } from '../../nats/testing/nats-server';
import { ClusterApi } from './cluster-api';
import { aReadyPod } from './plan/makers';

/** For a client that never calls the API server. */
const nowhere = undefined as unknown as Connection;
/** Of this machine too: servers of other tests have 127.0.0.1, and pods have one port each. */
const ip = '127.68.22.4';

describe('a command to a server', () => {
  let server: NatsServer;

  beforeAll(async () => {
    const accounts = { $SYS: { users: [{ user: 'operator', password: 'secret' }] } };
    server = await NatsServer.start('2.15.2', { listen: `${ip}:4222`, accounts });
  }, 180_000);

  afterAll(() => server.remove());

  it('is held back where this replica does not lead any more', async () => {
    let leads = false;
    const fence = () => {
      if (!leads) throw new Fenced('this replica does not lead');
    };
    const pod = { ...aReadyPod(0), status: { podIP: ip } };
    const reload = { kind: 'reload', serverId: await server.id(), to: 'it' } as const;
    const access = { credentials: [{ user: 'operator', password: 'secret' }] };
    const command = () => new ClusterApi(new ApiClient(nowhere, { fence })).command(pod, reload, access);
    const { config_load_time: before } = await server.varz();
    await expect(command()).rejects.toThrow(Fenced);
    expect(await server.varz()).toMatchObject({ config_load_time: before });
    leads = true;
    expect(await command()).toBeUndefined();
    expect(await server.varz()).not.toMatchObject({ config_load_time: before });
  });
});
