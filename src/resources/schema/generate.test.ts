import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectFolder } from '../../../e2e/cluster/project';
import { documentedFields } from '../fixtures/documented-fields';
import { generatedFiles } from './generate';
import { type StructuralSchema } from './structural';

interface Crd {
  spec: { versions: { name: string; schema: { openAPIV3Schema: StructuralSchema } }[] };
}

const files = generatedFiles(projectFolder);
const crds = [...files].map(([name, text]) => [name, parse(text) as Crd] as const);

describe('crd/', () => {
  it('is what the classes generate (else run `make crd`)', () => {
    const names = readdirSync(join(projectFolder, 'crd'));
    const committed = names.map((name) => `crd/${name}`);
    expect(committed.sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(join(projectFolder, name), 'utf8')).toBe(text);
  });

  it.each([...files])('has a file that plain kubectl apply takes: %s', (_name, text) => {
    expect(Buffer.byteLength(text)).toBeLessThan(200 * 1024);
    // kubectl keeps the whole object as JSON in an annotation, and annotations have at most 256 KiB
    expect(Buffer.byteLength(JSON.stringify(parse(text)))).toBeLessThan(240 * 1024);
  });

  it.each(crds)('has one schema for all versions: %s', (_name, { spec: { versions } }) => {
    const [first, ...others] = versions;
    expect(others.map(({ name }) => name)).toEqual(['v1alpha2']);
    for (const version of others) expect(version.schema).toEqual(first?.schema);
  });
});

describe('the manual', () => {
  const fields = crds.flatMap(([name, { spec }]) =>
    documentedFields(spec.versions[0]!.schema.openAPIV3Schema).map(
      ([path, schema]) => [`${name} ${path}`, schema] as const,
    ),
  );
  const ofSpec = fields.filter(([path]) => path.includes(' spec.') && !isKey(path));

  it.each(fields)('describes %s', (_path, { description }) => {
    expect(description).toMatch(/^.{10,}\.$/);
  });

  it.each(ofSpec)('says what a change of %s does to running servers', (_path, { description }) => {
    expect(description).toMatch(/ On change: .*(reload|rolling restart|nothing restarts|refused|keep running)/);
  });

  // a SecretKey is described by the field that holds it
  function isKey(path: string): boolean {
    return /Secret\.(name|key)$/.test(path);
  }
});
