import { describe, expect, it } from 'vitest';
import { readEvents, SseParser } from '../src/api/sse';

const stream = 'data: {"a":1}\n\n: a comment\r\ndata: first\r\ndata: second\r\n\r\nevent: ping\ndata:no space\rid: 7\r\rdata: [DONE]\n\n';
const events = ['{"a":1}', 'first\nsecond', 'no space', '[DONE]'];

describe('SseParser', () => {
  it('reads LF, CRLF and CR lines, comments, several data lines and other fields', () => {
    expect(new SseParser().push(stream)).toEqual(events);
  });

  it('gives the same events wherever the stream is cut', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const parser = new SseParser();
      expect([...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut)), ...parser.finish()], `cut at ${cut}`).toEqual(events);
    }
  });

  it('gives the same events character by character', () => {
    const parser = new SseParser();
    expect([...stream].flatMap((c) => parser.push(c))).toEqual(events);
  });

  it('gives an event that the stream left open at its end', () => {
    const parser = new SseParser();
    expect(parser.push('data: last')).toEqual([]);
    expect(parser.finish()).toEqual(['last']);
  });

  it('ignores events without data', () => {
    expect(new SseParser().push('event: x\n\n\n\ndata\n\n')).toEqual(['']);
  });
});

describe('readEvents', () => {
  it('joins characters that lie across two pieces of the body', async () => {
    const bytes = new TextEncoder().encode('data: 商队 🐫\n\n');
    for (let cut = 1; cut < bytes.length; cut++) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(bytes.slice(0, cut));
          controller.enqueue(bytes.slice(cut));
          controller.close();
        },
      });
      const read: string[] = [];
      for await (const event of readEvents(body)) read.push(event);
      expect(read).toEqual(['商队 🐫']);
    }
  });
});
