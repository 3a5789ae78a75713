import { coversSubject, isSubject } from './subjects';

describe('a subject', () => {
  it.each(['a', 'a.b', 'a.*', 'a.>', '>', '*', '$SYS.REQ', 'a>b', '_INBOX.>'])('is %s', (text) => {
    expect(isSubject(text)).toBe(true);
  });

  it.each(['', '.a', 'a.', 'a..b', '>.a', 'a b'])('is not "%s"', (text) => {
    expect(isSubject(text)).toBe(false);
  });

  it.each([
    ['a.>', 'a.b'],
    ['a.>', 'a.*.c'],
    ['a.*', 'a.*'],
    ['a.*', 'a.b'],
    ['>', 'a'],
  ])('%s covers %s', (outer, inner) => {
    expect(coversSubject(outer, inner)).toBe(true);
  });

  it.each([
    ['a.>', 'a'],
    ['a.*', 'a.>'],
    ['a.*', 'a.b.c'],
    ['a.b', 'a.*'],
    ['a', 'a.b'],
  ])('%s does not cover %s', (outer, inner) => {
    expect(coversSubject(outer, inner)).toBe(false);
  });
});
