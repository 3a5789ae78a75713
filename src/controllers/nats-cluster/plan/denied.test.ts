import { type Command } from '../../../nats/commands';
import { deniedAnnotation, deniedBy, recordOfDenied } from './denied';
import { aReadyPod } from './makers';

const reload: Command = { kind: 'reload', serverId: 'S', to: 'abc' };
const annotated = (text: string) => aReadyPod(0, { annotations: { [deniedAnnotation]: text } });

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

  it.each(['', '{', 'null', '[]', '{"command":"reload abc"}'])('is not known where somebody wrote %j', (text) => {
    expect(deniedBy(annotated(text), reload)).toBeUndefined();
  });
});
