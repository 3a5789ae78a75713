import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

/** The doc comments of classes and their fields. */
export interface Descriptions {
  ofClass(name: string): string;
  ofField(className: string, field: string): string;
}

/**
 * Reads the doc comments of all classes below `folder`: what stands above a field in the source is what `kubectl explain`
 * shows. Asking for one that is missing throws.
 */
export function readDescriptions(folder: string): Descriptions {
  const comments = new Map<string, string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const source = ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.ES2023, true);
    for (const statement of source.statements) {
      if (!ts.isClassDeclaration(statement) || !statement.name) continue;
      const className = statement.name.text;
      comments.set(className, commentOf(statement));
      for (const member of statement.members) {
        if (ts.isPropertyDeclaration(member)) comments.set(`${className}.${member.name.getText()}`, commentOf(member));
      }
    }
  }
  const find = (name: string) => {
    const comment = comments.get(name);
    if (!comment) throw new Error(`${name} has no doc comment: it is the description in the schema`);
    return comment;
  };
  return { ofClass: find, ofField: (className, field) => find(`${className}.${field}`) };
}

function commentOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}
