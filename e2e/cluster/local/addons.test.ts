import { parseAllDocuments } from 'yaml';
import { systemImages } from '../images/archives';
import { addons } from './addons';

interface Manifest {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec?: { clusterIP?: string; template: { spec: { containers: { image: string; imagePullPolicy: string }[] } } };
}

const objects = parseAllDocuments(addons()).map((document) => document.toJS() as Manifest);
const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);

describe('the add-ons of the local cluster', () => {
  it('have one default StorageClass', () => {
    const isDefault = 'storageclass.kubernetes.io/is-default-class';
    const classes = ofKind('StorageClass').filter(({ metadata }) => metadata.annotations?.[isDefault] === 'true');
    expect(classes).toHaveLength(1);
  });

  it('serve DNS where kubelets send their pods', () => {
    expect(ofKind('Service').map(({ spec }) => spec?.clusterIP)).toEqual(['10.96.0.10']);
  });

  it('run from images that every node has, and pull none', () => {
    const containers = ofKind('Deployment').flatMap(({ spec }) => spec?.template.spec.containers ?? []);
    expect(containers).toHaveLength(2);
    for (const { image, imagePullPolicy } of containers) {
      expect(Object.values(systemImages)).toContain(image);
      expect(imagePullPolicy).toBe('Never');
    }
  });
});
