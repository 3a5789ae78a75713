/**
 * Why kind failed, in one line: its own `ERROR:` and the last line of what the command under it printed (kind
 * cmd/kind/app/main.go `logError`).
 */
export function reasonOf(output: string): string {
  const error = /^ERROR: (?<text>.*)$/m.exec(output)?.groups?.text;
  const last = lastLine(output)
    .replace(/^ERROR: /, '')
    .replace(/^Command Output: /, '');
  if (!error || error === last) return last;
  return `${error}: ${last}`;
}

/** The image that kind could not pull, if that is why it failed. */
export function unpulledImage(output: string): string | undefined {
  return /failed to pull image "(?<image>[^"@]+)/.exec(output)?.groups?.image;
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
