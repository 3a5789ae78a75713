import { decoratePods } from './decorate-pods';
import { recordOf } from '../../../templates/decoration';
import { aReadyPod, aView, aWanted, ago, sentencesOf } from './makers';
import { decorationAnnotation } from '../../../templates/decoration';

const decoration = { labels: { team: 'a' }, annotations: { 'example.com/note': 'x' } };
const record = recordOf(decoration);

describe('labels and annotations of running pods', () => {
  it('are left alone where they are as the spec says', () => {
    const pod = aReadyPod(0, {
      labels: { team: 'a', others: 'y' },
      annotations: { 'example.com/note': 'x', [decorationAnnotation]: record },
    });
    expect(decoratePods(aView({ pods: [pod], wanted: aWanted({ size: 1, decoration }) }))).toEqual([]);
  });

  it('are set in place', () => {
    const steps = decoratePods(aView({ wanted: aWanted({ size: 1, decoration }) }));
    expect(steps.flatMap((step) => step.actions)).toEqual([
      expect.objectContaining({
        do: 'relabel',
        labels: { team: 'a' },
        annotations: { 'example.com/note': 'x', [decorationAnnotation]: record },
      }),
    ]);
    expect(sentencesOf(steps)).toEqual(['labels or annotations of nats-0 differed from the spec']);
  });

  it('are taken away where the spec had them before, and only then', () => {
    const pod = aReadyPod(0, { labels: { team: 'a', others: 'y' }, annotations: { [decorationAnnotation]: record } });
    const [action] = decoratePods(aView({ pods: [pod], wanted: aWanted({ size: 1 }) })).flatMap((step) => step.actions);
    expect(action).toMatchObject({ labels: { team: null } });
    expect(action).not.toHaveProperty('labels.others');
  });

  it('are set where the record was broken by hand, and nothing is taken away', () => {
    const pod = aReadyPod(0, { labels: { team: 'b' }, annotations: { [decorationAnnotation]: '{' } });
    const [action] = decoratePods(aView({ pods: [pod], wanted: aWanted({ size: 1, decoration }) })).flatMap(
      (step) => step.actions,
    );
    expect(action).toMatchObject({ labels: { team: 'a' } });
  });

  it('do not matter on a pod that stops', () => {
    const pods = [aReadyPod(0, { deleted: ago(-30) })];
    expect(decoratePods(aView({ pods, wanted: aWanted({ size: 1, decoration }) }))).toEqual([]);
  });
});
