import { deniedAnnotation, recordOfDenied } from '../denied';
import { aReadyPod, aWanted, sentencesOf } from '../makers';
import { rollMembers } from '../roll-members';
import { type Wanted } from '../situation';
import { handOver, stepDown } from './hand-over';
import { aJetStreamView, aPodWithJetStream, aReplica } from './makers';

const access = { credentials: [{ user: 'u', password: 'p' }] };
const version = '2.15.2';

/** Only member 2, the leader, runs an older spec. */
function last(changes: Parameters<typeof aJetStreamView>[0] = {}, wanted: Partial<Wanted> = {}) {
  const pods = [aPodWithJetStream(0), aPodWithJetStream(1), aPodWithJetStream(2, { version: '2.14.9' })];
  const situation = {
    pods,
    wanted: aWanted({ jetStream: true, storage: true, access, ...wanted }),
    ...changes.situation,
  };
  return aJetStreamView({ version, leader: 2, ...changes, situation });
}

describe('the meta leader', () => {
  it('lets a member lead that is made as wanted, before its pod is restarted', () => {
    const steps = rollMembers(last());
    expect(steps).toMatchObject([
      { actions: [{ do: 'command', command: { kind: 'stepDownMetaLeader', preferred: 'nats-0' } }], again: 2 },
    ]);
    expect(sentencesOf(steps)).toEqual([
      'nats-2 leads the meta group and lets nats-0 lead it first: nats-2 runs 2.14.9, wanted 2.15.2; the other 2 members are ready and the routes are whole, and JetStream is current',
    ]);
  });

  it('is restarted without more ado where the servers deny it, as it is only an election', () => {
    const command = { kind: 'stepDownMetaLeader', preferred: 'nats-0' } as const;
    const denied = recordOfDenied(command, { denial: 'unreachable', words: 'no answer' });
    const leader = aPodWithJetStream(2, { version: '2.14.9', annotations: { [deniedAnnotation]: denied } });
    const steps = rollMembers(last({ situation: { pods: [aPodWithJetStream(0), aPodWithJetStream(1), leader] } }));
    expect(steps).toMatchObject([{ actions: [{ do: 'delete' }] }]);
  });

  it('is restarted where the operator has no way to ask', () => {
    expect(rollMembers(last({}, { access: undefined }))).toMatchObject([{ actions: [{ do: 'delete' }] }]);
  });

  it('is no other member: those go at once', () => {
    const view = last({ leader: 0 });
    expect(handOver(view, view.members[2]!, 'why')).toBeUndefined();
  });

  it('gets an heir that is current and not offline', () => {
    const peers = [aReplica(0, { offline: true }), aReplica(1)];
    expect(stepDown(last({ peers }))).toMatchObject({ preferred: 'nats-1' });
    expect(
      stepDown(last({ peers: [aReplica(0, { current: false }), aReplica(1, { offline: true })] })),
    ).toBeUndefined();
  });

  it('is asked with no wish before 2.11, which would refuse one', () => {
    const command = stepDown(last({ version: '2.10.29' }));
    expect(command).toMatchObject({ kind: 'stepDownMetaLeader' });
    expect(command?.preferred).toBeUndefined();
  });

  it('stays where there is no other member', () => {
    expect(stepDown(aJetStreamView({ size: 1, situation: { pods: [aReadyPod(0)] } }))).toBeUndefined();
  });
});
