/** So begins what servers say of a config that they don't start with; all else they write to their log (main.go, PrintAndDie). */
const complaint = /^\S*nats-server: (.+)$/m;

/** What a server that ended had against its config; undefined where it ended for another reason. */
export function complaintIn(words: string): string | undefined {
  return complaint.exec(words)?.[1];
}
