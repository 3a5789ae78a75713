import { setImmediate as nextTurn } from 'node:timers/promises';
import { Progress } from './progress';

describe('progress', () => {
  it('says which step ended, how many are left and how long it took', async () => {
    const lines: string[] = [];
    const progress = new Progress(2, (line) => lines.push(line));
    await progress.step('dig', () => Promise.resolve());
    expect(await progress.step('plant', () => Promise.resolve('tree'))).toBe('tree');
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}\[1\/2\] {2}dig: \d+\.\d s \(\d+\.\d s in all\)$/),
      expect.stringMatching(/^ {2}\[2\/2\] {2}plant: \d+\.\d s/),
    ]);
  });

  it('gives a sign of life while a step runs, with what is normal for it', async () => {
    const lines: string[] = [];
    const untilOneLine = async () => {
      while (lines.length === 0) await nextTurn();
    };
    const progress = new Progress(1, (line) => lines.push(line), 0.01);
    await progress.step('dig', untilOneLine, 'about a minute');
    expect(lines[0]).toMatch(/^ {2}\.\.\. +dig: still at it after \d+\.\d s \(about a minute\)$/);
  });

  it('does not count a step that failed', async () => {
    const lines: string[] = [];
    const progress = new Progress(1, (line) => lines.push(line));
    await expect(progress.step('dig', () => Promise.reject(new Error('rock')))).rejects.toThrow('rock');
    expect(lines).toEqual([]);
  });
});
