import { configAnnotation } from '../../../../templates/names';
import { deniedAnnotation, recordOfDenied } from '../denied';
import { actionsOf, ago, aWanted } from '../makers';
import { planCluster } from '../plan';
import { type Server } from '../situation';
import { toldAnnotation } from '../told';
import { aJetStreamView, aPodWithJetStream, aStream } from './makers';

const access = { credentials: [{ user: 'operator', password: 'secret' }] };
const wanted = aWanted({ size: 3, version: '2.15.2', jetStream: true, streamsOf: 'cluster', config: 'new', access });
const wide = aStream('WIDE', [0, 1, 2, 3, 4]);

/** Scaled from 5 to 3, with members that have yet to load a config, as far as they have not. */
function whatHappens(changes: {
  groups?: ReturnType<typeof aStream>[];
  loaded?: readonly number[];
  annotations?: (ordinal: number) => Record<string, string>;
}): string[] {
  const { groups = [wide], loaded = [], annotations = () => ({}) } = changes;
  const pods = [0, 1, 2, 3, 4].map((ordinal) => {
    const config = loaded.includes(ordinal) ? 'new' : 'old';
    return aPodWithJetStream(ordinal, { annotations: { [configAnnotation]: config, ...annotations(ordinal) } });
  });
  const view = aJetStreamView({ size: 3, running: 5, groups, situation: { pods, wanted } });
  const servers = new Map(
    [...view.servers].map(([uid, server]): [string, Server] => [uid, { ...server, config: 'old' } as Server]),
  );
  return actionsOf(planCluster({ ...view, servers }).steps).filter((action) => !action.startsWith('apply'));
}

describe('while a member beyond the size has to stay', () => {
  it('the others load a new config, as a user that was taken away is not let in for as long', () => {
    expect(whatHappens({})).toEqual(['relabel pod-0']);
  });

  it('so does that member', () => {
    expect(whatHappens({ loaded: [0, 1, 2] })).toEqual(['relabel pod-3']);
    expect(whatHappens({ loaded: [0, 1, 2, 3, 4] })).toEqual([]);
  });
});

describe('while a member beyond the size takes its leave', () => {
  const groups = [aStream('ORDERS', [4, 0, 1])];
  const moves = ['move stream ORDERS of account $G off nats-4 at pod-0'];

  it('a new config goes on its way on another member', () => {
    expect(whatHappens({ groups, loaded: [0] })).toEqual(['relabel pod-1', ...moves]);
  });

  it('one pod is not asked for two things at once, as each is asked of the pod as it was seen', () => {
    expect(whatHappens({ groups })).toEqual(['relabel pod-0']);
    const toldNow = () => ({ [toldAnnotation]: `new ${ago(0)}` });
    expect(whatHappens({ groups, annotations: toldNow })).toEqual(moves);
  });

  it('what the servers deny again and again does not keep it from being loaded', () => {
    const command = { kind: 'moveStream', account: '$G', stream: 'ORDERS', server: 'nats-4' } as const;
    const denied = { [deniedAnnotation]: recordOfDenied(command, { denial: 'refused', words: 'no' }) };
    expect(whatHappens({ groups, annotations: () => denied })).toEqual(['relabel pod-0']);
  });
});
