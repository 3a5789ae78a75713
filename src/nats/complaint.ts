/** So begins what servers say of a config that they don't start with; all else they write to their log (main.go, PrintAndDie). */
const complaint = /^\S*nats-server: (.+)$/m;

/** What a server that ended had against its config; undefined where it ended for another reason. */
export function complaintIn(words: string): string | undefined {
  return complaint.exec(words)?.[1];
}

/** So begins, after process and time, what ends a server (server/log.go, Fatalf). */
const fatal = /\[FTL\] (.+)$/m;

/** Why a server ended, in its own words; undefined where it did not say. */
export function reasonIn(words: string): string | undefined {
  return complaintIn(words) ?? fatal.exec(words)?.[1];
}
