import type { MarkdownIt } from 'markdown-it';

/**
 * Math between $…$, $$…$$, \(…\) and \[…\] becomes an element that carries its TeX; KaTeX draws it once the element stands in the page
 * (drawn there and not as text, it needs no style attributes, which a strict content policy forbids).
 */
export function math(md: MarkdownIt): void {
  md.inline.ruler.before('escape', 'math_inline', (state, silent) => {
    const found = inlineAt(state.src, state.pos, state.posMax);
    if (!found) return false;
    if (!silent) {
      const token = state.push('math', 'span', 0);
      token.content = found.tex;
      token.meta = { display: found.display };
    }
    state.pos = found.end;
    return true;
  });

  md.block.ruler.before('fence', 'math_block', (state, startLine, endLine, silent) => {
    const begin = state.bMarks[startLine]! + state.tShift[startLine]!;
    const first = state.src.slice(begin, state.eMarks[startLine]!);
    const close = first.startsWith('$$') ? '$$' : first.startsWith('\\[') ? '\\]' : '';
    if (!close) return false;
    const sameLine = first.slice(2).indexOf(close);
    if (sameLine >= 0 && first.slice(2 + sameLine + 2).trim() !== '') return false;
    let line = startLine;
    const lines = [first.slice(2)];
    while (!lines[lines.length - 1]!.trimEnd().endsWith(close)) {
      if (++line >= endLine || state.isEmpty(line)) return false;
      lines.push(state.getLines(line, line + 1, state.blkIndent, false));
    }
    if (silent) return true;
    const token = state.push('math', 'div', 0);
    token.block = true;
    token.content = lines.join('\n').trimEnd().slice(0, -2).trim();
    token.meta = { display: true };
    token.map = [startLine, line + 1];
    state.line = line + 1;
    return true;
  }, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });

  md.renderer.rules.math = (tokens, index) => {
    const token = tokens[index]!;
    const tex = md.utils.escapeHtml(token.content);
    return `<${token.tag} class="math" data-display="${token.meta?.display}">${tex}</${token.tag}>${token.block ? '\n' : ''}`;
  };
}

interface Found {
  tex: string;
  end: number;
  display: boolean;
}

function inlineAt(src: string, pos: number, max: number): Found | null {
  if (src[pos] === '\\' && (src[pos + 1] === '(' || src[pos + 1] === '[')) {
    const display = src[pos + 1] === '[';
    const end = src.indexOf(display ? '\\]' : '\\)', pos + 2);
    return end < 0 || end + 2 > max || end === pos + 2 ? null : { tex: src.slice(pos + 2, end).trim(), end: end + 2, display };
  }
  if (src[pos] !== '$') return null;
  const display = src[pos + 1] === '$';
  const start = pos + (display ? 2 : 1);
  // A dollar before white space opens nothing, and one after white space or before a digit closes nothing: prices stay prices.
  if (!display && /\s/.test(src[start] ?? ' ')) return null;
  const mark = display ? '$$' : '$';
  for (let end = src.indexOf(mark, start); end >= 0 && end < max; end = src.indexOf(mark, end + 1)) {
    if (src[end - 1] === '\\' || end === start) continue;
    if (!display && (/\s/.test(src[end - 1]!) || /\d/.test(src[end + 1] ?? ''))) continue;
    const tex = src.slice(start, end);
    return !display && tex.includes('\n\n') ? null : { tex: tex.trim(), end: end + mark.length, display };
  }
  return null;
}
