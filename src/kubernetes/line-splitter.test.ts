import fc from 'fast-check';
import { LineSplitter } from './line-splitter';
import { testSeed } from './testing/random';

describe('a line splitter', () => {
  it('gives the same lines however the bytes are cut, in the middle of a character too', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const splitter = new LineSplitter();
        const seen: string[] = [];
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          seen.push(...splitter.push(bytes.subarray(start, start + size)));
          start += size;
        }
        expect(seen).toEqual(lines);
      }),
      { seed: testSeed() },
    );
  });

  it('keeps a line that has no end yet, and skips empty ones', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('\n\none\n\ntw'))).toEqual(['one']);
    expect(splitter.push(Buffer.from('o\n'))).toEqual(['two']);
  });
});
