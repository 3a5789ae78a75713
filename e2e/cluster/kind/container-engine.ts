import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../failure';
import { lastLine } from './kind-output';

const run = promisify(execFile);

/** An engine that does not say its version by then hangs. */
const answersWithinMs = 10_000;

/** Runs docker and returns what it prints. Throws where it exits with an error, with its message. */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { env: process.env })).stdout.trim();
}

/** Whether a container engine answers on this machine. */
export function engineAnswers(): Promise<boolean> {
  return requireEngine().then(
    () => true,
    () => false,
  );
}

/** Throws a `Failure` that says why where no container engine answers. */
export async function requireEngine(): Promise<void> {
  try {
    await run('docker', ['version'], { env: process.env, timeout: answersWithinMs });
  } catch (error) {
    throw new Failure(`CLUSTER=kind needs a container engine (${why(error)}): start Docker, or use CLUSTER=local`, {
      cause: error,
    });
  }
}

function why(error: unknown): string {
  const { code, killed, stderr = '' } = error as { code?: unknown; killed?: boolean; stderr?: string };
  if (code === 'ENOENT') return 'docker is not on the PATH';
  if (killed) return `docker version says nothing for ${answersWithinMs / 1000} s`;
  return lastLine(stderr) || String(error);
}
