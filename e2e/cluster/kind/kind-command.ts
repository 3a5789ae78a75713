import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaries, cacheFolder } from '../binaries/binaries';
import { Failure } from '../failure';
import { endsWithUs } from '../processes/ends-with-us';
import { reasonOf, unpulledImage } from './kind-output';

const run = promisify(execFile);

/** Folder of all that the kind cluster keeps on disk; gone with it. */
export const folder = join(cacheFolder, 'kind');

/** Runs kind and returns what it prints. Throws a `Failure` with its reason; all that it said then is in `kind.log`. */
export async function kind(...args: string[]): Promise<string> {
  const program = await kindProgram();
  try {
    // a start that is killed must not go on making nodes behind the back of the next one
    return (await run(...endsWithUs(program, args), { env: process.env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Failure(explain(args.slice(0, 2).join(' '), output), { cause: error });
  }
}

function explain(command: string, output: string): string {
  const image = unpulledImage(output);
  if (image)
    return `${image}, the node image, can't be pulled: name one that is here (docker images) in KIND_NODE_IMAGE`;
  const log = join(folder, 'kind.log');
  mkdirSync(folder, { recursive: true });
  writeFileSync(log, output);
  return `kind ${command} failed: ${reasonOf(output)} (see ${log})`;
}

/** The one on the PATH, else one built with Go. */
async function kindProgram(): Promise<string> {
  if (await onPath()) return 'kind';
  try {
    return (await binaries('kind')).kind;
  } catch (error) {
    if (error instanceof Failure) throw new Failure(`kind is not on the PATH: ${error.message}`, { cause: error });
    throw error;
  }
}

function onPath(): Promise<boolean> {
  return run('kind', ['version'], { env: process.env }).then(
    () => true,
    () => false,
  );
}
