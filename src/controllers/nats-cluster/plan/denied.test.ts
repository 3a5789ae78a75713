import { type Command } from '../../../nats/commands';
import { deniedAnnotation, deniedBy, recordOfDenied, recordOfGranted } from './denied';
import { aReadyPod } from './makers';

const reload: Command = { kind: 'reload', serverId: 'S', to: 'abc' };
const annotated = (text = '') => aReadyPod(0, { annotations: { [deniedAnnotation]: text } });

describe('what a server denied', () => {
  it('is known by its pod', () => {
    const pod = annotated(recordOfDenied(reload, { denial: 'refused', words: 'unknown field "x"' }));
    expect(deniedBy(pod, reload)).toMatchObject({ denial: 'refused', words: 'unknown field "x"' });
  });

  it('says nothing of another command, such as one to load another config', () => {
    const pod = annotated(recordOfDenied(reload, { denial: 'refused', words: 'no' }));
    expect(deniedBy(pod, { ...reload, to: 'def' })).toBeUndefined();
    expect(deniedBy(aReadyPod(0), reload)).toBeUndefined();
  });

  it('is kept beside what was denied before, until it is granted, and not written again for nothing', () => {
    const no = { denial: 'refused', words: 'no' } as const;
    const moves = ['A', 'B'].map((stream): Command => ({
      kind: 'moveStream',
      account: '$G',
      stream,
      server: 'nats-2',
    }));
    const both = moves.reduce<string | undefined>((before, move) => recordOfDenied(move, no, before), undefined);
    for (const move of moves) {
      expect(deniedBy(annotated(both), move)).toEqual(no);
      expect(recordOfDenied(move, no, both)).toBe(both);
    }
    const one = recordOfGranted(moves[0]!, both);
    expect(moves.map((move) => deniedBy(annotated(one), move))).toEqual([undefined, no]);
    expect(recordOfGranted(moves[1]!, one)).toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '{"reload abc":{"denial":"refused"}}'])(
    'is not known where somebody wrote %j',
    (text) => {
      expect(deniedBy(annotated(text), reload)).toBeUndefined();
    },
  );
});
