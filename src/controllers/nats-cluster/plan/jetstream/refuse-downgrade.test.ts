import { apiLevelOf } from '../../../../nats/api-level';
import { actionsOf, ago, sentencesOf } from '../makers';
import { planCluster } from '../plan';
import { aJetStreamView, aPodWithJetStream, aStream } from './makers';
import { refuseDowngrade } from './refuse-downgrade';

describe('a downgrade', () => {
  const back = { version: '2.10.29', runs: '2.15.2' };

  it('is refused where a stream needs what the older version does not know', () => {
    const groups = [aStream('TTLS', [0, 1, 2], { apiLevel: 1 }), aStream('PLAIN', [0, 1, 2])];
    const steps = refuseDowngrade(aJetStreamView({ ...back, groups }));
    expect(sentencesOf(steps)).toEqual([
      'no member goes back to 2.10.29, which cannot keep stream TTLS (made for a newer JetStream API): set spec.version back to 2.15.2, or delete it',
    ]);
  });

  it('goes on where all streams are as the older version knows them', () => {
    expect(refuseDowngrade(aJetStreamView({ ...back, groups: [aStream('PLAIN', [0])] }))).toEqual([]);
  });

  it('makes no lost member again with the older version meanwhile', () => {
    const situation = { pods: [0, 1].map((ordinal) => aPodWithJetStream(ordinal, { version: '2.15.2' })) };
    const plan = (groups: ReturnType<typeof aStream>[]) =>
      actionsOf(planCluster(aJetStreamView({ ...back, situation, groups })).steps);
    expect(plan([aStream('TTLS', [0, 1], { apiLevel: 1 })])).toEqual([]);
    expect(plan([aStream('PLAIN', [0, 1])])).toEqual(['create member 2']);
  });

  it.each([
    ['are too many to be read', { reports: { 1: { groups: undefined } } }],
    ['are not known, as a server does not answer', { silent: [1] }],
  ])('is no choice while streams %s', (_, changes) => {
    expect(refuseDowngrade(aJetStreamView({ ...back, ...changes }))).toHaveLength(1);
  });

  it('waits for a member that served and may hold a stream that nobody else knows', () => {
    const away = (served: boolean) => {
      const conditions = [
        { type: 'Initialized', status: 'True', lastTransitionTime: ago(300) },
        { type: 'Ready', status: 'False', lastTransitionTime: ago(served ? 30 : 300) },
      ];
      const pods = [0, 1].map((ordinal) => aPodWithJetStream(ordinal, { version: '2.15.2' }));
      const last = aPodWithJetStream(2, { version: '2.15.2', status: { conditions } });
      return planCluster(aJetStreamView({ ...back, situation: { pods: [...pods, last] } })).steps;
    };
    expect(actionsOf(away(true))).toEqual([]);
    expect(sentencesOf(away(true))).toContain(
      'no member goes back to 2.10.29 before it is known which streams it is to keep, and nats-2 does not serve: set spec.version back to 2.15.2, or delete pod nats-pod-2',
    );
    // a bad version is taken back
    expect(actionsOf(away(false))).toEqual(['delete pod-2']);
  });

  it.each([
    ['2.10.29', 0],
    ['2.11.0', 1],
    ['2.12.3', 2],
    ['2.14.9', 4],
    ['2.15.0-preview.1', 5],
  ])('to %s is one to API level %i', (version, level) => {
    expect(apiLevelOf(version)).toBe(level);
  });
});
