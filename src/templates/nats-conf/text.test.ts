import { Include, line } from './text';

describe('a line of nats.conf', () => {
  it('is like JSON, without what is undefined', () => {
    expect(line('a', { b: [1, true, 'c'], d: undefined, e: { f: 0.5 } })).toBe(
      '"a": {"b":[1,true,"c"],"e":{"f":0.5}}\n',
    );
  });

  it('writes control characters as servers read them, which know neither \\u nor \\b', () => {
    expect(line('a', 'x\u0001\b\f\n"\\b\\u0001')).toBe(`"a": "x\\x01\\x08\\x0c\\n\\"\\\\b\\\\u0001"\n`);
  });

  it('writes keys without escapes, which servers would take as they stand', () => {
    expect(line('a\\b', 1)).toBe('"a\\b": 1\n');
    expect(line('a"b', 1)).toBe(`'a"b': 1\n`);
    expect(() => line(`a"b'c`, 1)).toThrow(/both kinds of quotes/);
  });

  it('includes a file by the keyword, which is none in quotes', () => {
    expect(line('authorization', { file: new Include('a/b.json'), timeout: 5 })).toBe(
      '"authorization": {include "a/b.json","timeout":5}\n',
    );
  });
});
