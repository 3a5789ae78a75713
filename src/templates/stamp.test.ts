import { stampAnnotation, stamped } from './stamp';

const object = (ports: number[]) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'nats', annotations: { note: 'n' } },
  spec: { ports },
});

describe('the stamp of an object', () => {
  it('changes when something is no longer wanted, which the object itself does not show', () => {
    const stamp = (ports: number[]) => stamped(object(ports)).metadata.annotations[stampAnnotation as 'note'];
    expect(stamp([1, 2])).not.toBe(stamp([1]));
    expect(stamp([1])).toBe(stamp([1]));
  });

  it('leaves the rest as it is', () => {
    const { metadata, ...rest } = stamped(object([1]));
    expect(rest).toMatchObject({ spec: { ports: [1] } });
    expect(metadata.annotations.note).toBe('n');
  });
});
