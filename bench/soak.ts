import { setTimeout as sleep } from 'node:timers/promises';
import { endWithSignals } from '../e2e/cluster/control-plane/temporary';
import { Failure, runTool } from '../e2e/cluster/failure';
import { type Pod } from '../src/controllers/nats-cluster/plan/situation';
import { kinds } from '../src/kubernetes/resource-kind';
import { clusterLabel } from '../src/templates/names';
import { clusterNames, createClusters, edit, size } from './load';
import { settled } from './measurements';
import { usageOf, type Usage } from './process';
import { Scene } from './scene';

const clusters = Number(process.env.CLUSTERS ?? 200);
const minutes = Number(process.env.MINUTES ?? 120);
/** Between two things that happen, in milliseconds. */
const pause = 500;
/** More than the memory after the first tenth by so many MiB counts as a leak. */
const mostGrowth = 48;
/** So do so many sockets and timers more. */
const mostHandles = 16;

// `make soak`: edits and failures of pods at random for a long time. Memory, sockets and timers must stay as they were, and
// in the end every cluster must be as it should be.
endWithSignals();
void runTool(() =>
  Scene.with(async (scene) => {
    const { client, onlooker } = scene;
    const names = clusterNames(clusters);
    const operator = await scene.startOperator('soaked');
    await createClusters(client, names);
    await onlooker.until(() => onlooker.readyClusters() >= clusters, 120 + clusters, 'creation');
    const until = Date.now() + minutes * 60_000;
    let first: Usage | undefined;
    let happened = 0;
    let nextLine = 0;
    let told = 0;
    const line = async () => {
      const usage = await usageOf(operator);
      const done = 1 - (until - Date.now()) / (minutes * 60_000);
      if (done > 0.1) first ??= usage;
      console.log(
        `${(done * minutes).toFixed(0)} min: ${happened} edits and failures, ${usage.residentMiB.toFixed(0)} MiB resident, ` +
          `${usage.heapMiB.toFixed(0)} MiB heap, ${usage.openHandles} handles, ${usage.reconciles} reconciles, ${usage.reconcileErrors} failed`,
      );
      process.stdout.write(operator.log.slice(told)); // warnings and errors only
      told = operator.log.length;
      return usage;
    };
    while (Date.now() < until) {
      await happen(scene, names[Math.floor(Math.random() * clusters)] ?? '');
      happened++;
      await sleep(pause); // the pace of the load
      if (Date.now() < nextLine) continue;
      nextLine = Date.now() + (minutes * 60_000) / 20;
      await line();
    }
    for (const name of names) await edit(client, name, { size, version: '2.15.2' });
    await onlooker.until(() => onlooker.readyClusters() === clusters, 600, 'the end');
    await settled(operator);
    const last = await line();
    const { residentMiB, openHandles, reconcileErrors } = last;
    const before = first ?? last;
    if (residentMiB > before.residentMiB + mostGrowth)
      throw new Failure(`memory grew from ${before.residentMiB.toFixed(0)} to ${residentMiB.toFixed(0)} MiB`);
    if (openHandles > before.openHandles + mostHandles)
      throw new Failure(`sockets and timers grew from ${before.openHandles} to ${openHandles}`);
    if (reconcileErrors > 0) throw new Failure(`${reconcileErrors} reconciles failed`);
  }),
);

/** One thing that happens in the life of a cluster. */
async function happen({ client }: Scene, name: string): Promise<void> {
  const kind = Math.random();
  if (kind < 0.3) return edit(client, name, { servicePolicy: { labels: { edit: String(Math.random()).slice(2) } } });
  if (kind < 0.45) return edit(client, name, { size: 1 + Math.floor(Math.random() * 5) });
  if (kind < 0.55) return edit(client, name, { version: Math.random() < 0.5 ? '2.15.2' : '2.14.9' });
  const pods = await client.list<Pod>(kinds.pod, { namespace: 'default', labelSelector: `${clusterLabel}=${name}` });
  const pod = pods[Math.floor(Math.random() * pods.length)];
  if (!pod) return;
  if (kind < 0.8) return client.delete(kinds.pod, pod.metadata, {});
  // evicted: it failed and stays until somebody clears it away
  await client.mergePatch(kinds.pod, pod.metadata, { status: { phase: 'Failed', reason: 'Evicted' } }, {}, 'status');
}
