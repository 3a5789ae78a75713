import { AnyOf, AtMostOneOf, ExactlyOneOf, Excludes, Needs } from './combinations';
import { Flag, Text, Texts } from './fields';
import { rulesOf } from './rules';
import { Section } from './sections';

class Inner {
  @Text() word?: string;
}

class Sample {
  @Text() text?: string;
  @Flag() flag?: boolean;
  @Texts() list?: string[];
  @Section() inner?: Inner;
}

type Combination = (target: typeof Sample) => void;

const needs = Needs('flag', ['text', 'inner.word'], 'why');
const excludes = Excludes('inner', ['text', 'list'], 'why');

describe('a combination of fields', () => {
  it.each<[Combination, boolean, object]>([
    [AtMostOneOf('text', 'flag'), true, {}],
    [AtMostOneOf('text', 'flag'), true, { text: 'a', flag: false }],
    [AtMostOneOf('text', 'flag'), true, { text: '', flag: true }],
    [AtMostOneOf('text', 'flag'), false, { text: 'a', flag: true }],
    [ExactlyOneOf('text', 'list'), false, {}],
    [ExactlyOneOf('text', 'list'), true, { text: 'a', list: [] }],
    [ExactlyOneOf('text', 'list'), false, { text: 'a', list: ['b'] }],
    [AnyOf('text', 'list'), false, { text: '', list: [] }],
    [AnyOf('text', 'list'), true, { list: ['a'] }],
    [needs, true, {}],
    [needs, true, { flag: false }],
    [needs, false, { flag: true }],
    [needs, true, { flag: true, text: 'a' }],
    [needs, false, { flag: true, inner: {} }],
    [needs, true, { flag: true, inner: { word: 'a' } }],
    [excludes, true, { inner: {}, list: [] }],
    [excludes, false, { inner: {}, list: ['a'] }],
  ])('case %#: holds as it should', (combination, expected, sample) => {
    expect(rule(combination).holds?.(sample)).toBe(expected);
  });

  it.each([
    [
      AtMostOneOf('text', 'flag'),
      "[has(self.text) && self.text != '', has(self.flag) && self.flag].filter(set, set).size() <= 1",
    ],
    [
      needs,
      "!(has(self.flag) && self.flag) || has(self.text) && self.text != '' || has(self.inner) && has(self.inner.word) && self.inner.word != ''",
    ],
    [excludes, "!(has(self.inner)) || !(has(self.text) && self.text != '' || has(self.list) && size(self.list) > 0)"],
  ])('case %#: is the same in CEL', (combination, cel) => {
    expect(rule(combination).cel).toBe(cel);
  });

  it('refuses a field that the class does not have', () => {
    expect(() => rule(AnyOf('text', 'txet'))).toThrow('has no field txet');
  });
});

function rule(combination: Combination) {
  class Subject extends Sample {}
  combination(Subject);
  const [only] = rulesOf<object>(Subject);
  return only!;
}
