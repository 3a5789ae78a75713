/** Cuts a stream of bytes into lines. Each byte is looked at once, however long the lines and however small the pieces. */
export class LineSplitter {
  private pieces: Buffer[] = [];

  /** The lines that this piece completes, without their ends. */
  push(piece: Buffer): string[] {
    const lines = [];
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      this.pieces.push(piece.subarray(start, end));
      const line = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
      this.pieces = [];
      if (line && line.length > 0) lines.push(line.toString('utf8'));
      start = end + 1;
    }
    if (start < piece.length) this.pieces.push(piece.subarray(start));
    return lines;
  }
}
