import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as semver from 'semver';
import { Failure } from '../failure';
import { Progress } from '../progress';
import { projectFolder } from '../project';
import { versions } from '../versions';
import { catalogue, type BinaryName, type Recipe } from './catalogue';
import { withLock } from './lock';

const run = promisify(execFile);

/** How many builds run at once: the Go tool spreads each over all cores already, so more only costs memory. */
const parallelBuilds = 2;

/** Folder of built binaries; it outlives clones and `make clean`. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nats-operator');

/**
 * Paths of binaries by name, built from Go modules where the cache does not have them, with a line of progress for each.
 * Throws a `Failure` where Go is missing or too old, or a build fails (with the end of its output).
 */
export async function binaries<Name extends BinaryName>(...names: Name[]): Promise<Record<Name, string>> {
  const recipes = names.map((name) => ({ name, recipe: recipeOf(name) }));
  const wanted = await Promise.all(
    recipes.map(async ({ name, recipe }) => ({ name, recipe, path: await cachedPath(name, recipe) })),
  );
  const missing = [];
  for (const binary of wanted) if (!(await exists(binary.path))) missing.push(binary);
  if (missing.length > 0) {
    await requireGo();
    const progress = new Progress(missing.length);
    // the slowest first, so that it does not run alone at the end
    missing.sort((a, b) => (b.recipe.coldMinutes ?? 0) - (a.recipe.coldMinutes ?? 0));
    await inParallel(parallelBuilds, missing, ({ recipe, path }) =>
      progress.step(`build ${recipe.title}`, () => build(recipe, path), expectation(recipe)),
    );
  }
  return Object.fromEntries(wanted.map(({ name, path }) => [name, path])) as Record<Name, string>;
}

function recipeOf(name: BinaryName): Recipe {
  const recipe = catalogue.get(name);
  if (!recipe) throw new Error(`no recipe for ${name}`);
  return recipe;
}

function expectation({ coldMinutes }: Recipe): string {
  return coldMinutes ? `about ${coldMinutes} minutes on 2 cores the first time, seconds later` : '';
}

/** The name of a cached binary holds a hash of all that it is made from: a changed pin is a new file, an old one still serves. */
async function cachedPath(name: string, recipe: Recipe): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([recipe, flags(recipe), process.arch, process.platform]));
  if (recipe.module) {
    const folder = moduleFolder(recipe.module);
    for (const file of (await readdir(folder)).sort()) hash.update(file).update(await readFile(join(folder, file)));
  }
  return join(cacheFolder, 'bin', `${name}-${hash.digest('hex').slice(0, 12)}`);
}

async function build(recipe: Recipe, path: string): Promise<void> {
  await mkdir(join(cacheFolder, 'bin'), { recursive: true });
  await withLock(`${path}.lock`, async () => {
    if (await exists(path)) return; // another process built it while this one waited
    // beside its destination, so that the rename is atomic
    const work = await mkdtemp(join(cacheFolder, 'build-'));
    try {
      await rename(await compile(recipe, work), path);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

async function compile(recipe: Recipe, work: string): Promise<string> {
  const out = join(work, 'out');
  if (recipe.module) {
    const source = join(work, 'source');
    await cp(moduleFolder(recipe.module), source, { recursive: true });
    await go(recipe.title, ['build', ...flags(recipe), '-o', out, recipe.package], source);
  } else {
    // `go install package@version` takes no -o: it writes <GOBIN>/<name of the package>
    const bin = join(work, 'bin');
    await go(recipe.title, ['install', ...flags(recipe), recipe.package], work, { GOBIN: bin });
    const [built] = await readdir(bin);
    if (!built) throw new Error(`go install ${recipe.package} wrote nothing`);
    await rename(join(bin, built), out);
  }
  return out;
}

// Static and trimmed: runs in an image from scratch, and the Go build cache serves every checkout alike.
function flags({ stamps = [] }: Recipe): string[] {
  return ['-trimpath', '-ldflags', ['-s', '-w', ...stamps.map((stamp) => `-X ${stamp}`)].join(' ')];
}

function go(title: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let tail = '';
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Failure(`building ${title} failed: ${lastLines(tail)}`));
    });
  });
}

async function requireGo(): Promise<void> {
  const cure = `install Go ${versions.go} or newer (https://go.dev/dl), test clusters are built from source with it`;
  const { stdout } = await run('go', ['env', 'GOVERSION'], { env: process.env }).catch((error: unknown) => {
    throw new Failure(`Go is not on the PATH: ${cure}`, { cause: error });
  });
  const found = semver.coerce(stdout);
  if (!found || semver.lt(found, versions.go)) throw new Failure(`Go ${stdout.trim()} is too old: ${cure}`);
}

function moduleFolder(module: string): string {
  return join(projectFolder, 'e2e', 'cluster', 'binaries', 'go', module);
}

async function inParallel<T>(limit: number, items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ');
}
