import { type Wrong } from './json';

/** Why a text cannot be a password or a token; undefined where it can. `what` names it. */
export function passwordProblem(what: string, value: unknown): Wrong | undefined {
  if (typeof value !== 'string') return { wrong: `has ${what} that is not text: write it in quotes` };
  if (value === '') return { wrong: `has ${what} that is empty: write one` };
  // whether the line break of an editor is part of the password is not for us to guess: clients would guess otherwise
  if (/[\r\n]$/.test(value)) return { wrong: `has ${what} that ends with a line break: write it without` };
  if (value.includes('\ufffd')) return { wrong: `has ${what} that is not UTF-8 text: write another` };
  return undefined;
}
