import { nodesAreOurs } from '../cluster/provider';

/** `it` for a test that cuts a node's power: skipped, with the reason in its name, where somebody else runs the nodes. */
export function itCutsPower(name: string, test: () => Promise<void>, timeoutMs: number): void {
  if (nodesAreOurs(process.env)) it(name, test, timeoutMs);
  else it.skip(`${name} (nodes of an existing cluster are not ours to stop)`, test, timeoutMs);
}
