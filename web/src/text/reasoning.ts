export interface Split {
  reasoning: string;
  answer: string;
  /** The model is still thinking: its block is open. */
  thinking: boolean;
}

const open = '<think>';
const close = '</think>';

/** Divides an answer's text into the block between think tags, where it begins with one, and the rest. */
export function splitReasoning(content: string): Split {
  const body = content.trimStart();
  if (!body.startsWith(open)) {
    // Some templates write the opening tag into the prompt, so only the closing one comes.
    const end = body.indexOf(close);
    if (end >= 0 && !body.slice(0, end).includes(open)) return { reasoning: body.slice(0, end).trim(), answer: body.slice(end + close.length).trimStart(), thinking: false };
    // A tag that has come only in part is not yet text.
    if (body !== '' && open.startsWith(body)) return { reasoning: '', answer: '', thinking: true };
    return { reasoning: '', answer: content, thinking: false };
  }
  const end = body.indexOf(close);
  if (end < 0) return { reasoning: body.slice(open.length).trimStart(), answer: '', thinking: true };
  return { reasoning: body.slice(open.length, end).trim(), answer: body.slice(end + close.length).trimStart(), thinking: false };
}
