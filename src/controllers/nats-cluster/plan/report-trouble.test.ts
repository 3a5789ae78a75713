import { ago, aNode, aReadyPod, aView, aWaitingPod, anUnreadyPod, aWanted, sentencesOf } from './makers';
import { reportTrouble } from './report-trouble';
import { type Pod } from './situation';

const said = (pod: Pod, changes = {}) =>
  reportTrouble(aView({ pods: [pod], wanted: aWanted({ size: 1 }), ...changes })).map(
    ({ topic, reason, because }) => `${topic} ${reason}: ${because}`,
  );

describe('trouble', () => {
  it('is silent where all is well', () => {
    expect(reportTrouble(aView())).toEqual([]);
  });

  it.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'])('says what to do about %s', (reason) => {
    expect(said(aWaitingPod(0, reason, { version: '9.9.9' }))).toEqual([
      'Degraded ImagePullFailed: nats-0 cannot pull image nats:9.9.9: set spec.version and spec.serverImage to an image that exists',
    ]);
  });

  it('says the same for each state that a pull goes through, so that the status does not flap', () => {
    expect(said(aWaitingPod(0, 'ErrImagePull'))).toEqual(said(aWaitingPod(0, 'ImagePullBackOff')));
  });

  it('says that the others are left as they are', () => {
    const pods = [aReadyPod(0), aReadyPod(1), aWaitingPod(2, 'ErrImagePull', { version: '9.9.9' })];
    expect(reportTrouble(aView({ pods }))[0]?.because).toMatch(/; the other members are left as they are$/);
  });

  it('shows the way to the log of a server that crashes', () => {
    const containerStatuses = [
      {
        name: 'nats',
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1 } },
      },
    ];
    expect(said(anUnreadyPod(0, { status: { containerStatuses } }))).toEqual([
      'Degraded MemberCrashing: nats of nats-0 keeps ending with exit code 1; see kubectl logs --previous -c nats -n default nats-pod-0',
    ]);
  });

  it('says why a server crashes, in its own words, and what to do where its volume is full', () => {
    const ended = (message: string) =>
      said(
        anUnreadyPod(0, {
          status: {
            containerStatuses: [
              { name: 'nats', restartCount: 3, state: {}, lastState: { terminated: { exitCode: 1, message } } },
            ],
          },
        }),
      );
    const line = (words: string) => `[1] 2026/11/24 14:46:38 [INF] Starting\n[1] 2026/11/24 14:46:38 [FTL] ${words}\n`;
    expect(ended(line('Unable to start'))).toEqual([
      expect.stringContaining('keeps ending with exit code 1: Unable to start; see kubectl logs'),
    ]);
    const full = "Can't start JetStream: write /data/jetstream/x.tmp: no space left on device";
    expect(ended(line(full))).toEqual([
      expect.stringContaining(`${full}: make room on its volume, or let it grow by spec.jetstream.fileStorage.size`),
    ]);
  });

  it('passes on what kubelet says of a container that cannot be made', () => {
    const containerStatuses = [
      { name: 'nats', state: { waiting: { reason: 'CreateContainerConfigError', message: 'no such key' } } },
    ];
    expect(said(anUnreadyPod(0, { status: { containerStatuses } }))).toEqual([
      'Degraded ContainerFailed: container nats of nats-0 cannot start: no such key',
    ]);
  });

  it('passes on what the scheduler says', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }];
    expect(said(aWaitingPod(0, '', { node: '', status: { conditions } }))).toEqual([
      'Degraded Unschedulable: no node takes nats-0: 0/3 nodes',
    ]);
  });

  it('names the node of a lost member', () => {
    expect(said(aReadyPod(0), { nodes: new Map([aNode('node-0', 30)]) })).toEqual([
      'Degraded MemberLost: nats-0 is lost: node node-0 is not ready',
    ]);
  });

  it('is patient with a member that starts, and looks again when patience ends', () => {
    const steps = reportTrouble(aView({ pods: [anUnreadyPod(0)], wanted: aWanted({ size: 1 }) }));
    expect(steps).toEqual([
      expect.objectContaining({ topic: 'Progressing', because: 'nats-0 is starting', again: 570 }),
    ]);
  });

  it('loses patience after spec.updateStrategy.healthTimeoutSeconds', () => {
    expect(said(anUnreadyPod(0, { readyFor: 600 }))).toEqual([
      'Degraded MemberNotReady: nats-0 is not ready for more than 600 s; no other member is restarted until then',
    ]);
  });

  it('speaks of members that start in one sentence', () => {
    const pods = [aReadyPod(0), anUnreadyPod(1), aWaitingPod(2, 'ContainerCreating')];
    expect(reportTrouble(aView({ pods })).map(({ because }) => because)).toEqual(['nats-1 and nats-2 are starting']);
  });

  it('is none where a member stops', () => {
    expect(said(aReadyPod(0, { deleted: ago(-30) }))).toEqual([]);
  });

  it('says of a member without a pod that it gets none while the spec is paused or not valid', () => {
    const pods = [aReadyPod(0), aReadyPod(1)];
    const said = (changes: object) => sentencesOf(reportTrouble(aView({ pods, ...changes })));
    expect(said({})).toEqual([]); // it is being made
    expect(said({ wanted: aWanted({ paused: true }) })).toEqual(['nats-2 has no pod and gets none for now']);
  });
});
