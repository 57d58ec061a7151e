/**
 * Reads server-sent events from pieces of text cut anywhere. Lines end with LF, CRLF or CR; a comment line is skipped;
 * several data lines of one event are joined with LF. Only the data of each event is of interest here.
 */
export class SseParser {
  private rest = '';
  private data: string[] = [];
  private skipLineFeed = false;

  /** Takes the next piece and returns the data of every event that it completes. */
  push(piece: string): string[] {
    if (this.skipLineFeed && piece.length > 0) {
      if (piece[0] === '\n') piece = piece.slice(1);
      this.skipLineFeed = false;
    }
    const text = this.rest + piece;
    const events: string[] = [];
    let start = 0;
    for (let i = start; i < text.length; i++) {
      const c = text[i];
      if (c !== '\n' && c !== '\r') continue;
      this.line(text.slice(start, i), events);
      if (c === '\r') {
        if (i + 1 === text.length) this.skipLineFeed = true;
        else if (text[i + 1] === '\n') i++;
      }
      start = i + 1;
    }
    this.rest = text.slice(start);
    return events;
  }

  /** At the end of the stream: an event that was not closed by an empty line still counts, as servers are careless here. */
  finish(): string[] {
    const events: string[] = [];
    if (this.rest !== '') this.line(this.rest, events);
    this.rest = '';
    this.line('', events);
    return events;
  }

  private line(line: string, events: string[]): void {
    if (line === '') {
      if (this.data.length > 0) events.push(this.data.join('\n'));
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== 'data') return;
    const value = colon < 0 ? '' : line.slice(colon + 1);
    this.data.push(value.startsWith(' ') ? value.slice(1) : value);
  }
}

/** The events' data of a response body, in order; ends with the body. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
    yield* parser.push(decoder.decode());
    yield* parser.finish();
  } finally {
    reader.cancel().catch(() => {});
  }
}
