import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { definitions } from '../definitions';
import { customResourceDefinition } from './crd';
import { readDescriptions } from './descriptions';
import { toYaml } from './yaml';

/** The generated files: path below the project's folder, and content. */
export function generatedFiles(project: string): Map<string, string> {
  const descriptions = readDescriptions(join(project, 'src', 'resources'));
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
  return new Map(
    definitions.map((definition) => {
      const crd = customResourceDefinition(definition, descriptions, version);
      const comment = 'Made by `make crd` from the classes in src/resources: edit those.';
      return [`crd/${definition.names.plural}.yaml`, toYaml(crd, comment)];
    }),
  );
}

/** Writes the files that changed, and says which. */
export function generate(project: string): void {
  for (const [name, content] of generatedFiles(project)) {
    const path = join(project, name);
    const changed = !existsSync(path) || readFileSync(path, 'utf8') !== content;
    if (changed) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    console.log(`${name} ${changed ? 'written' : 'is current'} (${Math.ceil(content.length / 1024)} KiB)`);
  }
}

if (require.main === module) generate(process.cwd());
