import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithSignals } from '../e2e/cluster/control-plane/temporary';
import { Failure, runTool } from '../e2e/cluster/failure';
import { Progress } from '../e2e/cluster/progress';
import { projectFolder } from '../e2e/cluster/project';
import { clusterNames } from './load';
import * as measure from './measurements';
import { machine, markdown, type Results } from './report';
import { Scene } from './scene';

const clusters = Number(process.env.CLUSTERS ?? 100);
const idleSeconds = Number(process.env.IDLE_SECONDS ?? 120);
const edits = Number(process.env.EDITS ?? 200);
/** More than the goal of 1.2 by what two runs on a busy machine differ. */
const worstRatio = 1.4;
const otherVersion = '2.14.9';

// `make bench`: how close the operator comes to what the API server itself can do, in one run on one machine, as absolute
// times say little. Nodes are KWOK's; the operator runs as it ships: its own process, rights and lease.
void runTool(async () => {
  endWithSignals();
  if (!(Number.isInteger(clusters) && clusters >= 1 && clusters <= 5000))
    throw new Failure('CLUSTERS must be 1 to 5000');
  const names = clusterNames(clusters);
  const progress = new Progress(10);
  const raw = () => Scene.with((scene) => measure.rawCreate(scene, names));
  const rawBefore = await progress.step(
    `the objects of ${clusters} clusters, as fast as the API server takes them`,
    raw,
  );
  const results = await Scene.with((scene) => measureOperator(scene, names, progress));
  const rawAfter = await progress.step('the first once more, for the noise of this machine', raw);
  const all: Results = { machine: machine(), clusters, rawSeconds: [rawBefore, rawAfter], ...results };
  const ratio = all.create.pods / ((rawBefore + rawAfter) / 2);
  const folder = join(projectFolder, 'build', 'bench');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${clusters}.json`), JSON.stringify({ ...all, ratio }, undefined, 2));
  const table = markdown(all);
  writeFileSync(join(folder, `${clusters}.md`), table);
  console.log(`\n${table}\nbuild/bench/${clusters}.json has all figures.`);
  if (ratio > worstRatio) throw new Failure(`the operator takes ${ratio.toFixed(2)} times what the API server needs`);
});

async function measureOperator(
  scene: Scene,
  names: readonly string[],
  progress: Progress,
): Promise<Omit<Results, 'machine' | 'clusters' | 'rawSeconds'>> {
  const first = await scene.startOperator('first');
  const marks = [100, 300, 1000].filter((mark) => mark <= clusters);
  const create = await progress.step(`${clusters} NatsClusters, brought up by the operator`, () =>
    measure.create(scene, first, names, marks),
  );
  const idle = await progress.step(`nothing for ${idleSeconds} s`, () => measure.idle(scene, first, idleSeconds));
  const quiet = await progress.step(`${edits} edits one by one`, () => measure.edits(scene, names, edits));
  const rolling = names.slice(0, Math.ceil(clusters * 0.3));
  const busy = await progress.step(`${edits} edits while ${rolling.length} clusters are upgraded`, () =>
    measure.editsWhileRolling(scene, names, rolling, otherVersion, edits),
  );
  const atEnd = await measure.settled(first);
  first.signal('SIGTERM');
  await first.end(60);
  const { operator: second, result: restart } = await progress.step('restart', () => measure.restart(scene, 'second'));
  const third = await scene.startOperator('third');
  const [name = ''] = names;
  const killed = await progress.step('leader killed', () => measure.failover(scene, second, 'SIGKILL', name));
  await scene.startOperator('fourth');
  const stopped = await progress.step('leader stopped', () => measure.failover(scene, third, 'SIGTERM', name));
  const deletion = await progress.step('deletion of all', () => measure.deletion(scene, names));
  const { residentMiB, heapMiB, reconcileErrors } = atEnd;
  return {
    create,
    idle,
    quiet,
    busy,
    restart,
    killed,
    stopped,
    deletion,
    memory: { residentMiB, heapMiB },
    reconcileErrors,
  };
}
