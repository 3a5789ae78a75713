import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure';
import { engineAnswers, requireEngine } from './container-engine';

const { env } = process;

describe('a container engine', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'));
    // the client of this machine, if there is one, must not find the engine of this machine
    process.env = { ...env, DOCKER_HOST: `unix://${folder}/none.sock` };
  });

  afterEach(() => {
    process.env = env;
    rmSync(folder, { recursive: true });
  });

  it('that is not installed is named as missing, with what to do', async () => {
    process.env.PATH = folder;
    const failure = await failureOf(requireEngine());
    expect(failure).toBe(
      'CLUSTER=kind needs a container engine (docker is not on the PATH): start Docker, or use CLUSTER=local',
    );
    expect(await engineAnswers()).toBe(false);
  });

  it('that does not answer gives the reason in one line', async () => {
    process.env.PATH = folder;
    program('docker', 'echo first >&2; echo "Cannot connect to the Docker daemon" >&2; exit 1');
    const failure = await failureOf(requireEngine());
    expect(failure).toMatch(/^CLUSTER=kind needs a container engine \(Cannot connect to the Docker daemon\): start/);
  });

  it('answers when its version is told', async () => {
    process.env.PATH = folder;
    program('docker', 'echo 28.2');
    expect(await engineAnswers()).toBe(true);
  });

  function program(name: string, script: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
});

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return (error as Failure).message;
}
