import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../e2e/cluster/project';

const guide = readFileSync(join(projectFolder, 'docs', 'migrating-from-0.8.md'), 'utf8');

/** The commands of a section of the guide, in its order, for a cluster of that name. */
export function commandsOf(section: string, name: string): string[] {
  const [, text = ''] = new RegExp(`^## ${section}\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(guide) ?? [];
  return [...text.matchAll(/```console\n([^]*?)```|`(kubectl [^`]+)`/g)].map(([, block, inline]) =>
    (block ?? inline ?? '').replaceAll('<name>', name),
  );
}
