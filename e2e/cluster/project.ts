import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout this code runs from, whether compiled or not. */
export const projectFolder = above(__dirname);

function above(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('not inside a checkout of the project: no package.json above this file');
  return above(parent);
}
