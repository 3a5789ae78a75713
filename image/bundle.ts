import { build } from 'esbuild';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../e2e/cluster/project';

// From tsc's output, not from the sources: esbuild writes no metadata for decorators, and the API's classes live by it.
void (async () => {
  const dist = join(projectFolder, 'dist');
  await build({
    entryPoints: [join(projectFolder, 'build', 'src', 'main.js')],
    outfile: join(dist, 'nats-operator.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    keepNames: true, // class names are part of the schema's tables and of error messages
    logLevel: 'warning',
  });
  rmSync(join(dist, 'crd'), { recursive: true, force: true });
  cpSync(join(projectFolder, 'crd'), join(dist, 'crd'), { recursive: true });
})();
