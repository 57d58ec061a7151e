/** What is done to rendered Markdown once it stands in the page: math is drawn and code coloured, by libraries that load on first need. */
export function enhance(root: HTMLElement, withCode: boolean): void {
  const formulas = root.querySelectorAll<HTMLElement>('.math:not([data-drawn])');
  if (formulas.length > 0) void drawMath(formulas);
  const codes = withCode ? root.querySelectorAll<HTMLElement>('code[data-language]:not([data-language=""]):not([data-drawn])') : [];
  if (codes.length > 0) void colour(codes);
}

async function drawMath(elements: Iterable<HTMLElement>): Promise<void> {
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
  for (const element of elements) {
    if (element.dataset.drawn) continue;
    const tex = element.textContent ?? '';
    element.dataset.drawn = 'yes';
    element.dataset.tex = tex;
    katex.render(tex, element, { displayMode: element.dataset.display === 'true', throwOnError: false, trust: false, maxExpand: 200, strict: 'ignore' });
  }
}

async function colour(elements: Iterable<HTMLElement>): Promise<void> {
  const { highlight } = await import('./highlight');
  for (const element of elements) {
    if (element.dataset.drawn) continue;
    element.dataset.drawn = 'yes';
    const html = highlight(element.textContent ?? '', element.dataset.language!.toLowerCase());
    if (html !== null) element.innerHTML = html;
  }
}
