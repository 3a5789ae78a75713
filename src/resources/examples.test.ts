import { join } from 'node:path';
import { projectFolder } from '../../e2e/cluster/project';
import { definitions } from './definitions';
import { documentedFields } from './fixtures/documented-fields';
import { goodClusters } from './fixtures/good';
import { aCluster, samples } from './fixtures/samples';
import { parseNatsCluster } from './parse';
import { classSchema } from './schema/class-schema';
import { readDescriptions } from './schema/descriptions';

const [natsCluster] = definitions;
const schema = classSchema(natsCluster!.type, readDescriptions(join(projectFolder, 'src', 'resources')));
const fields = documentedFields(schema)
  .map(([path]) => path)
  .filter((path) => path.startsWith('spec.'));

const sampleClusters = samples.filter(({ resource }) => resource.kind === 'NatsCluster');
const tried = new Set(
  [...goodClusters, ...sampleClusters.map(({ resource }) => resource)].flatMap(({ spec }) => pathsIn(spec, 'spec')),
);
const shown = new Set(sampleClusters.flatMap(({ resource }) => pathsIn(resource.spec, 'spec')));

/** What only resources of nats-operator 0.8 and special cases need. */
const unusual = ['useServerName', 'noAdvertise', 'paused', 'lameDuckDurationSeconds', 'operatorConfig'];

describe('the samples', () => {
  it.each(sampleClusters)('are valid: $resource.metadata.name of $file', ({ resource }) => {
    expect(parseNatsCluster(resource)).toMatchObject({ resource: expect.anything() as object, warnings: [] });
  });

  it.each(Object.keys(schema.properties?.spec?.properties ?? {}).filter((name) => !unusual.includes(name)))(
    'show spec.%s',
    (name) => {
      expect(shown).toContain(`spec.${name}`);
    },
  );
});

describe('the resources that are tried on a real API server', () => {
  it.each(fields)('have %s in one of them', (path) => {
    expect(tried).toContain(path);
  });

  it.each(goodClusters)('are valid for the operator: $what', ({ spec }) => {
    expect(parseNatsCluster(aCluster('good', spec))).toMatchObject({
      resource: expect.anything() as object,
      warnings: [],
    });
  });
});

function pathsIn(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((entry) => pathsIn(entry, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, `${path}.${name}`))];
}
