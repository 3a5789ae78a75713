import { V1NetworkPolicyPeer, V1PodTemplateSpec } from '@kubernetes/client-node';
import { kubernetesSchema } from './kubernetes-types';

const pod = kubernetesSchema(V1PodTemplateSpec).properties?.spec?.properties;
const container = pod?.containers?.items?.properties;

describe('the schema of a built-in type', () => {
  it('has every type of field', () => {
    expect(container).toMatchObject({
      image: { type: 'string' },
      tty: { type: 'boolean' },
      args: { type: 'array', items: { type: 'string' } },
      env: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      livenessProbe: {
        properties: {
          periodSeconds: { type: 'integer', format: 'int32' },
          httpGet: { properties: { port: { 'x-kubernetes-int-or-string': true } } },
        },
      },
    });
    expect(pod?.nodeSelector).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
    expect(pod?.securityContext?.properties?.supplementalGroups).toEqual({
      type: 'array',
      items: { type: 'integer', format: 'int64' },
    });
  });

  it('knows containers and volumes by name, so that two owners may each apply their own', () => {
    for (const list of [pod?.containers, pod?.initContainers, pod?.volumes]) {
      expect(list).toMatchObject({ 'x-kubernetes-list-map-keys': ['name'], items: { required: ['name'] } });
    }
  });

  it('takes every quantity that the API server takes', () => {
    const pattern = new RegExp(container?.resources?.properties?.limits?.additionalProperties?.pattern ?? '');
    for (const quantity of ['1', '100m', '1.5Gi', '.5', '1e3', '12E', '+1']) expect(quantity).toMatch(pattern);
    for (const text of ['', 'a', '1 Gi', '1GB', '1.2.3']) expect(text).not.toMatch(pattern);
  });

  it('has nothing that only the API server writes', () => {
    const metadata = kubernetesSchema(V1PodTemplateSpec).properties?.metadata?.properties ?? {};
    expect(Object.keys(metadata).sort()).toEqual([
      ...['annotations', 'creationTimestamp', 'finalizers', 'generateName', 'labels', 'name', 'namespace'],
    ]);
    expect(pod).not.toHaveProperty('ephemeralContainers');
  });

  it('has the fields by their names in JSON', () => {
    expect(kubernetesSchema(V1NetworkPolicyPeer).properties).toMatchObject({
      ipBlock: { properties: { cidr: {}, except: { type: 'array' } } },
    });
  });

  it('throws for a type that client-node does not have', () => {
    const attribute = { baseName: 'a', type: 'V1Nothing', format: '' };
    expect(() => kubernetesSchema({ name: 'V1Sample', getAttributeTypeMap: () => [attribute] })).toThrow(
      /no class V1Nothing/,
    );
  });
});
