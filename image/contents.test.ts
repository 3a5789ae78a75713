import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { manifest } from '../deploy/manifest';
import { projectFolder } from '../e2e/cluster/project';
import { versions } from '../e2e/cluster/versions';
import { runSettings } from './contents';

const dockerfile = readFileSync(join(projectFolder, 'Dockerfile'), 'utf8');
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

/** The arguments of an instruction of the last stage. */
function instruction(name: string): string[] {
  return [...lastStage.matchAll(new RegExp(`^${name} (?<rest>.*)$`, 'gm'))].map(({ groups }) => groups!.rest!);
}

describe('the image of the Dockerfile', () => {
  it('runs as the one that is made without an engine', () => {
    expect({
      entrypoint: JSON.parse(instruction('ENTRYPOINT')[0]!) as string[],
      env: instruction('ENV'),
      user: instruction('USER')[0],
      workingDir: instruction('WORKDIR')[0],
      ports: instruction('EXPOSE').map(Number),
    }).toEqual(runSettings);
  });

  it('has the same major version of Node', () => {
    const [, major] = /^FROM node:(\d+)-/m.exec(dockerfile) ?? [];
    expect(major).toBe(versions.node.split('.')[0]);
  });
});

describe('the Deployment', () => {
  const { securityContext, containers } = deployment().spec.template.spec;

  it('runs it as the user that the image names', () => {
    expect(`${securityContext.runAsUser}:${securityContext.runAsGroup}`).toBe(runSettings.user);
  });

  it('asks for its probes at the port that the image exposes', () => {
    expect(containers.flatMap(({ ports }) => ports)).toEqual([{ name: 'http', containerPort: runSettings.ports[0] }]);
  });
});

interface Deployment {
  kind: string;
  spec: {
    template: {
      spec: {
        securityContext: { runAsUser: number; runAsGroup: number };
        containers: { ports: { name: string; containerPort: number }[] }[];
      };
    };
  };
}

function deployment(): Deployment {
  const documents = parseAllDocuments(manifest()).filter((document) => document.get('kind') === 'Deployment');
  return documents[0]!.toJS() as Deployment;
}
