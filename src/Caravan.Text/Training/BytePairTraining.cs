namespace Caravan.Text;

/// <summary>What a byte-level byte-pair vocabulary is to be like.</summary>
internal sealed record BytePairTraining
{
    /// <summary>The largest vocabulary that is learnt; more would not fit the tables that models have.</summary>
    public const int LargestVocabulary = 1 << 20;

    /// <summary>How many tokens there are to be: control and added tokens, the 256 bytes, and one for each merge.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Control tokens, which get the first ids: found only where special tokens are wanted, left out of decoded text.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Texts that are one token each wherever they stand, and part of decoded text; they follow the control tokens.</summary>
    public IReadOnlyList<string> AddedTokens { get; init; } = [];

    /// <summary>The control token at the beginning of a text; null for none.</summary>
    public string? BosToken { get; init; }

    /// <summary>The control token at the end of a text; null for none.</summary>
    public string? EosToken { get; init; }

    /// <summary>The control token that fills up batches; null for none.</summary>
    public string? PadToken { get; init; }

    /// <summary>How text is cut before pairs are counted, one of <see cref="NamedPreTokenizers"/>: the default makes every digit a token.</summary>
    public string PreTokenizer { get; init; } = "smollm";

    /// <summary>A pair seen less often is not merged; 1 merges every pair.</summary>
    public long MinimumFrequency { get; init; } = 2;

    /// <summary>How conversations are written, in the Jinja language; null for none.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>What the tokenizer is called in messages.</summary>
    public string Source { get; init; } = "the trained tokenizer";

    /// <summary>Refuses what cannot be learnt.</summary>
    /// <exception cref="CaravanException">A number is out of range, a token is empty or given twice, or a name is not known.</exception>
    public void Check()
    {
        string[] given = [.. SpecialTokens, .. AddedTokens];
        int least = given.Length + 256;
        if (VocabularySize < least || VocabularySize > LargestVocabulary)
            throw new CaravanException($"A vocabulary of {VocabularySize} tokens cannot be learnt: the 256 bytes and {given.Length} given tokens need {least}, and {LargestVocabulary} is the most.");
        if (MinimumFrequency < 1) throw new CaravanException($"A minimum frequency of {MinimumFrequency} means nothing; 1 merges every pair.");
        if (given.Contains("")) throw new CaravanException("A special token is an empty text, which nothing could be found by.");
        if (given.GroupBy(token => token, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new CaravanException($"The special token '{twice.Key}' is given twice.");
        foreach (string token in new[] { BosToken, EosToken, PadToken }.OfType<string>())
            if (!SpecialTokens.Contains(token)) throw new CaravanException($"'{token}' is to begin, end or pad texts but is not among the special tokens; add it there.");
        if (NamedPreTokenizers.Find(PreTokenizer) is null)
            throw new CaravanException($"The pre-tokenizer '{PreTokenizer}' is not known.{Suggestion.DidYouMean(PreTokenizer, NamedPreTokenizers.Names)}");
    }
}
