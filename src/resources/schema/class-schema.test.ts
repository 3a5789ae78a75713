import { V1ResourceRequirements } from '@kubernetes/client-node';
import { classSchema } from './class-schema';
import { Count, Duration, FractionalSeconds, OneOf, Quantity, Text, Texts } from './fields';
import { Labels, StringMap } from './maps';
import { Check } from './rules';
import { FreeForm, Kubernetes, Section, Sections } from './sections';

class Entry {
  @Text({ required: true }) name!: string;
}

class Part {
  @Count({ min: 1, max: 9 }) count = 3;
}

const descriptions = { ofClass: (name: string) => `${name}.`, ofField: (...names: string[]) => `${names.join('.')}.` };

describe('the schema of a class', () => {
  it('has no type but what the validators say', () => {
    class Sample {
      @Text({ min: 1, max: 5, pattern: /^a/ }) text?: string;
      @Texts({ max: 5, maxItems: 2 }) texts?: string[];
      @OneOf(['a', 'b']) word?: string;
      @FractionalSeconds() seconds?: number;
      @Duration() duration?: string;
    }
    expect(propertiesOf(Sample)).toEqual({
      text: { type: 'string', minLength: 1, maxLength: 5, pattern: '^a' },
      texts: {
        type: 'array',
        maxItems: 2,
        items: { type: 'string', maxLength: 5 },
        'x-kubernetes-list-type': 'atomic',
      },
      word: { type: 'string', enum: ['a', 'b'] },
      seconds: { type: 'number', minimum: 0, maximum: 86400 },
      duration: { type: 'string', maxLength: 64, pattern: '^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+$' },
    });
  });

  it('takes defaults from the initial values, and those of a section from the section', () => {
    class Sample {
      @Text() text = 'a';
      @Section() part: Part = new Part();
    }
    expect(propertiesOf(Sample)).toEqual({
      text: { type: 'string', maxLength: 1024, default: 'a' },
      part: {
        type: 'object',
        properties: { count: { description: 'Part.count.', type: 'integer', minimum: 1, maximum: 9, default: 3 } },
      },
    });
  });

  it('has required fields and keys of lists', () => {
    class Sample {
      @Sections(() => Entry, { key: 'name', max: 3, required: true }) entries!: Entry[];
      @Sections(() => Entry, { nullable: true }) others?: Entry[];
    }
    const schema = classSchema(Sample, descriptions);
    expect(schema.required).toEqual(['entries']);
    expect(schema.properties).toMatchObject({
      entries: {
        type: 'array',
        maxItems: 3,
        items: { type: 'object', description: 'Entry.', required: ['name'] },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      others: { type: 'array', nullable: true, 'x-kubernetes-list-type': 'atomic' },
    });
  });

  it('is open only where it means to be', () => {
    class Sample {
      @FreeForm() free?: object;
      @StringMap({ max: 2 }) map?: Record<string, string>;
      @Labels({ reserved: true }) labels?: Record<string, string>;
    }
    expect(propertiesOf(Sample)).toMatchObject({
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      map: { type: 'object', maxProperties: 2, additionalProperties: { type: 'string' } },
      labels: { 'x-kubernetes-validations': [{}, { rule: "self.all(key, !key.matches('^(app|nats_.*)$'))" }] },
    });
  });

  it('has numbers and text where a quantity stands', () => {
    class Sample {
      @Quantity() size?: string;
      @Kubernetes(V1ResourceRequirements) resources?: V1ResourceRequirements;
    }
    expect(propertiesOf(Sample)).toMatchObject({
      size: { 'x-kubernetes-int-or-string': true },
      resources: {
        type: 'object',
        properties: {
          limits: { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } },
          claims: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        },
      },
    });
  });

  it('has the rules in the order in which they are written', () => {
    @Check({ cel: 'first', message: 'a', field: 'text' })
    @Check({ cel: 'second', message: 'b', optionalOldSelf: true })
    class Sample {
      @Text() text?: string;
    }
    expect(classSchema(Sample, descriptions)['x-kubernetes-validations']).toEqual([
      { rule: 'first', message: 'a', fieldPath: '.text' },
      { rule: 'second', message: 'b', optionalOldSelf: true },
    ]);
  });

  it('refuses a section whose class is not declared', () => {
    expect(() => {
      class Sample {
        @Section() part = new Part();
      }
      return Sample;
    }).toThrow('declare Sample.part with its class');
  });
});

function propertiesOf(type: new () => object) {
  const { properties = {} } = classSchema(type, descriptions);
  return Object.fromEntries(
    Object.entries(properties).map(([name, { description, ...schema }]) => {
      expect(description).toBe(`Sample.${name}.`);
      return [name, schema];
    }),
  );
}
