import { requestsOf } from './requests';

describe('requests by annotation', () => {
  it('are none on a cluster without annotations', () => {
    expect(requestsOf({})).toEqual({ awayFrom: [], paused: false, problems: [] });
  });

  it('are what kubectl annotate says', () => {
    const annotations = {
      'nats.io/restart': '2026-11-24T08:00:00Z',
      'nats.io/step-down-meta-leader': '1',
      'nats.io/move-away-from': 'node-b, node-a.example.com,,node-b',
      'nats.io/paused': 'true',
    };
    expect(requestsOf({ annotations })).toEqual({
      restart: '2026-11-24T08:00:00Z',
      stepDownMetaLeader: '1',
      awayFrom: ['node-a.example.com', 'node-b'],
      paused: true,
      problems: [],
    });
  });

  it('that nobody can understand are told of, and have no effect', () => {
    const annotations = { 'nats.io/move-away-from': 'node-a,Node_B', 'nats.io/paused': 'yes' };
    const { awayFrom, paused, problems } = requestsOf({ annotations });
    expect([awayFrom, paused]).toEqual([['node-a'], false]);
    expect(problems).toEqual([
      'annotation nats.io/move-away-from: "Node_B" is no name of a node',
      'annotation nats.io/paused: "yes" means nothing: it must be "true" or "false"',
    ]);
  });
});
