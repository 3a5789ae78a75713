/** Whether servers take that as a subject: tokens that are not empty, `>` only at the end (server/sublist.go, IsValidSubject). */
export function isSubject(text: string): boolean {
  const tokens = text.split('.');
  return (
    !/[\s\0]/.test(text) &&
    tokens.every((token, index) => token !== '' && (token !== '>' || index === tokens.length - 1))
  );
}

/** Whether every subject that `inner` stands for is one that `outer` stands for. */
export function coversSubject(outer: string, inner: string): boolean {
  const wide = outer.split('.');
  const narrow = inner.split('.');
  for (const [index, token] of wide.entries()) {
    const other = narrow[index];
    if (other === undefined) return false;
    if (token === '>') return true;
    if (other === '>' || (token !== '*' && token !== other)) return false;
  }
  return wide.length === narrow.length;
}
