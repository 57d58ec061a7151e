using Caravan.Text;

namespace Caravan.Inference;

/// <summary>How far one sequence has come in its grammar. A copy goes its own way from there.</summary>
internal sealed class GrammarCursor
{
    private readonly TokenGrammar grammar;
    private readonly int[] endTokens;
    private AutomatonState state;
    private TokenJoint joint;

    /// <summary>A cursor at the beginning.</summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="endTokens">Tokens that end the text: allowed when the grammar may end, and only then.</param>
    /// <param name="continues">Whether the text continues another; see <see cref="StreamingDecoder"/>.</param>
    public GrammarCursor(TokenGrammar grammar, IReadOnlyCollection<int> endTokens, bool continues)
    {
        this.grammar = grammar;
        this.endTokens = [.. endTokens];
        state = grammar.Start;
        joint = new TokenJoint(grammar.Tokenizer.DecodeTable, continues);
    }

    private GrammarCursor(GrammarCursor other) =>
        (grammar, endTokens, state, joint) = (other.grammar, other.endTokens, other.state, other.joint);

    /// <summary>Whether the text so far is complete.</summary>
    public bool CanEnd => state.CanEnd;

    /// <summary>Whether the text so far is complete and nothing can follow.</summary>
    public bool MustEnd => state.CanEnd && state.IsLast;

    public GrammarCursor Clone() => new(this);

    /// <summary>Copies a row of logits ([V] f32) with negative infinity for every token that may not come next.</summary>
    /// <exception cref="CaravanException">The grammar is too ambiguous here.</exception>
    public void Mask(ReadOnlySpan<float> logits, Span<float> masked)
    {
        grammar.MaskOf(ref state, joint.BlankDue, joint.LeadingBlanks).Apply(logits, masked);
        foreach (int token in endTokens)
            if ((uint)token < (uint)logits.Length) masked[token] = state.CanEnd ? logits[token] : float.NegativeInfinity;
    }

    /// <summary>Goes on by a token that was allowed, on the way that <see cref="Mask"/> tried.</summary>
    public void Accept(int token)
    {
        if (grammar.IsSilent(token)) return;
        ReadOnlySpan<byte> bytes = joint.Join(token, out bool blankBefore);
        state = grammar.Next(state, blankBefore, bytes);
    }
}
