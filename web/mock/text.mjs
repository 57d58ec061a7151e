/** Texts for the stand-in's answers, chosen by words in the question, and their division into tokens with made-up probabilities. */
const long = `Attention lets every position of a sequence look at every other one. If you know **linear algebra**, three matrices are all there is to it.

## The idea

Each token's vector $x_i$ is multiplied by three learned matrices, which gives a *query*, a *key* and a *value*:

$$
q_i = W_Q x_i, \\qquad k_i = W_K x_i, \\qquad v_i = W_V x_i
$$

The dot product $q_i \\cdot k_j$ says how much position $i$ cares about position $j$. Divided by $\\sqrt{d}$ and put through a softmax, these products become weights that add up to one:

$$
\\mathrm{attention}(Q, K, V) = \\mathrm{softmax}\\!\\left(\\frac{QK^\\top}{\\sqrt{d}}\\right) V
$$

1. **Compare** every query with every key.
2. **Normalise** the scores, row by row.
3. **Mix** the values by these weights.

In C#, for a single query, that is short:

\`\`\`csharp
static float[] Attend(float[] query, float[][] keys, float[][] values)
{
    // One score for each position, scaled by the head's width.
    var scores = keys.Select(k => Dot(query, k) / MathF.Sqrt(query.Length)).ToArray();
    var weights = Softmax(scores);
    return Mix(weights, values);
}
\`\`\`

| Step | Cost | Memory |
|---|---|---|
| Scores | $O(n^2 d)$ | $O(n^2)$ |
| Mixing | $O(n^2 d)$ | $O(n d)$ |

> With a cache of keys and values, each further token costs only $O(n d)$.
`;

const plain = `Think of every word as a vector. To understand one word, a model **mixes in** the vectors of the words that matter to it.

- How much a word matters is a dot product: $s_{ij} = q_i \\cdot k_j$.
- The scores become shares of one by a softmax.
- The mix is $\\sum_j a_{ij} v_j$.

\`\`\`python
shares = softmax(q @ k.T / d ** 0.5)
mixed = shares @ v
\`\`\`

That is all; the rest of the network decides *what* to do with the mix.
`;

const chinese = `注意力机制让序列中的每个位置都能“看到”其他位置。对懂线性代数的人来说，它只是三个矩阵：

- **查询** $q = W_Q x$：这个位置在找什么；
- **键** $k = W_K x$：这个位置能提供什么；
- **值** $v = W_V x$：真正被传递的内容。

点积 $q \\cdot k$ 除以 $\\sqrt{d}$ 后经过 softmax，就得到加权求和所用的权重。

\`\`\`python
weights = softmax(Q @ K.T / sqrt(d))
output = weights @ V
\`\`\`
`;

const short = 'A caravan is a group of people who cross a desert together. Their **camels** carry goods, water and tents; at night they rest in a caravanserai.';

export function answerTo(question, model, turn, system) {
  const q = question.toLowerCase();
  if (q.includes('echo system')) return `System prompt: ${system || 'none'}`;
  if (q.includes('think')) return `<think>The reader asks for a thought. A camel has either one hump or two; the *dromedary* has one.\n\nSo the answer is short.</think>\n\nA dromedary has **one** hump, a Bactrian camel has two.`;
  if (q.includes('xss')) return 'Look: <img src=x onerror="window.hacked=1"> <script>window.hacked=1</script> [link](javascript:window.hacked=1) ![i](https://example.org/leak.png)';
  if (q.includes('slow') || q.includes('count')) return Array.from({ length: 400 }, (_, i) => `Number ${i + 1}.`).join(' ');
  if (/\p{Script=Han}/u.test(question)) return chinese;
  if (q.includes('arabic')) return 'القافلة مجموعة من المسافرين يعبرون الصحراء معًا.\n\nA caravan crosses the desert.';
  if (q.includes('attention') || q.includes('long')) return model.includes('tinyllama') ? plain : long;
  const openers = ['', 'Put differently: ', 'Once more: ', 'In other words: '];
  return (model.includes('tinyllama') ? 'Well — ' : '') + openers[turn % openers.length] + short;
}

/** Pieces as a tokenizer might make them: words with the space before them, long words in two, marks alone. */
export function tokensOf(text) {
  return text.match(/\n+|\s?\p{Script=Han}{1,2}|[ ]?[\p{L}\p{M}]{1,6}|[ ]?\d{1,3}|[ ]+|./gsu) ?? [];
}

const others = [' the', ' a', ' an', ' its', ' and', ' of', ' to', ' in', ' for', ' with', ' desert', ' city', ' camel', ' road', ',', '.', ' very', ' great'];

/** The same token at the same place always gets the same probabilities. */
export function logprobsOf(token, place) {
  let state = place * 2654435761 + token.length * 97;
  const next = () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32);
  next();
  const sure = next() < 0.55 ? 0.9 + 0.099 * next() : 0.25 + 0.6 * next();
  const top = [{ token, p: sure }];
  let left = 1 - sure;
  while (top.length < 5) {
    const other = others[Math.floor(next() * others.length)];
    if (top.some((x) => x.token === other)) continue;
    const p = left * (0.35 + 0.35 * next());
    left -= p;
    top.push({ token: other, p });
  }
  const entry = (x) => ({ token: x.token, logprob: Math.log(x.p), bytes: [...new TextEncoder().encode(x.token)] });
  top.sort((a, b) => b.p - a.p);
  return { ...entry({ token, p: sure }), top_logprobs: top.map(entry) };
}
