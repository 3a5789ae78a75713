import { build } from 'esbuild';
import { operatorImage } from '../../deploy/manifest';
import { restricted, restrictedPod } from './client-pods';
import { type NatsClusters } from './nats-clusters';

/**
 * Starts a program of ours in a pod of that name, bundled from its entry file, on that node or wherever the scheduler likes;
 * allowed under the restricted Pod Security Standard.
 */
export async function startProgram(
  clusters: NatsClusters,
  name: string,
  entry: string,
  args: string[],
  node?: string,
): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    write: false,
  });
  const metadata = { name, namespace: clusters.namespace };
  const data = { 'program.js': outputFiles[0]?.text };
  await clusters.kubectl.apply(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        nodeName: node,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        securityContext: restrictedPod,
        containers: [
          {
            name: 'program',
            image: operatorImage(), // it has Node
            imagePullPolicy: 'IfNotPresent',
            command: ['node', '/program/program.js', ...args],
            securityContext: restricted,
            volumeMounts: [{ name: 'program', mountPath: '/program' }],
          },
        ],
        volumes: [{ name: 'program', configMap: { name } }],
      },
    },
  );
}
