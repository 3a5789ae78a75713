import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../e2e/cluster/project';

/** Path of the whole operator in one file. */
export const manifestPath = join(projectFolder, 'example', 'deployment.yaml');

const parts = ['crd/natsclusters.yaml', 'crd/natsserviceroles.yaml', 'deploy/rbac.yaml', 'deploy/deployment.yaml'];

/** Image of the operator: the version in package.json is the only place that names it. */
export function operatorImage(): string {
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
  return `nats-operator:${version}`;
}

/**
 * CRDs, rights and Deployment as one file, with the given image. As text, so that comments stay and the schema, which is
 * an alias in the second version, is there once.
 */
export function manifest(image = operatorImage()): string {
  const texts = parts.map((path) => readFileSync(join(projectFolder, path), 'utf8').trim());
  return texts.join('\n---\n').replace(/image: nats-operator:\S+/, () => `image: ${image}`) + '\n';
}
