import { Document, isMap, isScalar, isSeq, visit, type YAMLMap } from 'yaml';

/**
 * A CustomResourceDefinition as YAML. All versions share the first one's schema through an alias, which also says that
 * they can't differ. What comes from Kubernetes' own types is one line a field: without descriptions there is nothing in
 * it to read, and as blocks it would be most of the file.
 */
export function toYaml(crd: object, comment: string): string {
  const document = new Document(crd, { aliasDuplicateObjects: false });
  document.commentBefore = ` ${comment}`;
  const versions = document.getIn(['spec', 'versions']);
  const [first, ...others] = isSeq<YAMLMap>(versions) ? versions.items : [];
  const schema = first?.get('schema');
  if (isMap(schema)) {
    const alias = document.createAlias(schema, 'schema');
    for (const version of others) version.set('schema', alias);
  }
  visit(document, {
    Map(_key, node) {
      const leaf = node.items.every(({ value }) => isScalar(value));
      const builtIn = !node.has('description') && (node.has('properties') || node.has('items'));
      if (builtIn || (leaf && !node.has('description') && !node.has('rule'))) node.flow = true;
      return builtIn ? visit.SKIP : undefined;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
