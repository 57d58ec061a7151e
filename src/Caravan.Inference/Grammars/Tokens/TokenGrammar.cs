using Caravan.Text;

namespace Caravan.Inference;

/// <summary>A grammar over the tokens of one tokenizer: its states and which tokens each allows, found when first asked for and shared by all sequences.</summary>
/// <remarks>Thread-safe. Remembered masks and states are bounded: when they take too much, all are forgotten and found again as needed.</remarks>
internal sealed class TokenGrammar
{
    private const long MostBytes = 96 << 20;

    /// <summary>Most ways of reading that are looked at for one mask or one token: some tenths of a second.</summary>
    private const long MostWork = 3_000_000;

    private readonly Lock gate = new();
    private readonly StateTable states;
    private readonly TokenTrie trie;
    private readonly AutomatonState[] path;
    private readonly IReadOnlySet<int> controlTokens;
    private long maskBytes, workEnd;

    /// <param name="automaton">The grammar over bytes.</param>
    /// <param name="tokenizer">The tokens.</param>
    /// <param name="controlTokens">Control tokens that are text.</param>
    public TokenGrammar(ByteAutomaton automaton, Tokenizer tokenizer, IReadOnlySet<int> controlTokens)
    {
        this.controlTokens = controlTokens;
        Tokenizer = tokenizer;
        states = new StateTable(automaton);
        trie = TokenTrie.Of(tokenizer, controlTokens);
        path = new AutomatonState[trie.Depth + 1];
        Start = states.Start();
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>The state of the empty text.</summary>
    public AutomatonState Start { get; }

    /// <summary>Whether a token adds nothing to the text.</summary>
    public bool IsSilent(int token) => Tokenizer.IsSpecial(token) && !controlTokens.Contains(token);

    /// <summary>The state after some bytes, with a blank before them where one is due.</summary>
    /// <exception cref="CaravanException">The grammar is too ambiguous here.</exception>
    public AutomatonState Next(AutomatonState state, bool blankBefore, ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            Begin(ref state);
            if (blankBefore) state = states.Next(state, (byte)' ');
            return states.Next(state, bytes);
        }
    }

    /// <summary>The tokens that may follow a state.</summary>
    /// <param name="state">The state, which gets its like among those remembered now.</param>
    /// <param name="blankBefore">Whether a blank comes before the next token.</param>
    /// <param name="leadingBlanks">How many blanks at the beginning of the next token are dropped.</param>
    /// <exception cref="CaravanException">The grammar is too ambiguous here.</exception>
    public TokenMask MaskOf(ref AutomatonState state, bool blankBefore, int leadingBlanks)
    {
        lock (gate)
        {
            Begin(ref state);
            AutomatonState from = blankBefore ? states.Next(state, (byte)' ') : state;
            if (from.Masks.Length <= leadingBlanks)
            {
                TokenMask?[] masks = from.Masks;
                Array.Resize(ref masks, leadingBlanks + 1);
                from.Masks = masks;
            }

            return from.Masks[leadingBlanks] ??= FindMask(from, leadingBlanks);
        }
    }

    private void Begin(ref AutomatonState state)
    {
        if (maskBytes + states.Bytes > MostBytes)
        {
            states.Clear();
            maskBytes = 0;
        }

        state = states.Renew(state);
        workEnd = states.Work + MostWork;
    }

    private TokenMask FindMask(AutomatonState state, int leadingBlanks)
    {
        TokenMask mask = new(trie.VocabularySize);
        if (state.IsFree) mask.Allow(trie.Textless);
        path[0] = state;
        Find(mask, 0, trie.Nodes.Length, leadingBlanks);
        maskBytes += mask.Bytes;
        return mask;
    }

    /// <summary>Tries the siblings from a node on; <see cref="path"/> holds the state before them. A first blank may be dropped.</summary>
    private void Find(TokenMask mask, int first, int end, int leadingBlanks)
    {
        TokenTrie.Node[] nodes = trie.Nodes;
        int blank = first;
        while (blank < end && nodes[blank].Byte != ' ') blank = nodes[blank].End;
        if (leadingBlanks == 0 || blank >= end)
        {
            Walk(mask, first, end);
            return;
        }

        Walk(mask, first, blank);
        Walk(mask, nodes[blank].End, end);
        mask.Allow(trie.Tokens.AsSpan(TokenStart(blank)..nodes[blank].TokenEnd));
        path[nodes[blank].Depth + 1] = path[nodes[blank].Depth];
        Find(mask, blank + 1, nodes[blank].End, leadingBlanks - 1);
    }

    private void Walk(TokenMask mask, int first, int end)
    {
        ReadOnlySpan<TokenTrie.Node> nodes = trie.Nodes;
        int[] tokens = trie.Tokens;
        int token = TokenStart(first);
        for (int i = first; i < end;)
        {
            ref readonly TokenTrie.Node node = ref nodes[i];
            AutomatonState next = states.Next(path[node.Depth], node.Byte);
            if (next == states.Dead)
            {
                i = node.End;
                token = TokenStart(i);
                continue;
            }

            if (states.Work > workEnd)
                throw new CaravanException("The grammar is too ambiguous: it takes too long to find what may come next; let alternatives and repetitions begin with different characters.");
            path[node.Depth + 1] = next;
            for (; token < node.TokenEnd; token++) mask.Allow(tokens[token]);
            i++;
        }
    }

    private int TokenStart(int node) => node == 0 ? 0 : trie.Nodes[node - 1].TokenEnd;
}
