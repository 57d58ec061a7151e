namespace Caravan.Text;

/// <summary>How a gap in a text is shown to a model that was taught to fill gaps (Bavarian et al. 2022, "Efficient training of language models to fill in the middle").</summary>
internal sealed class FillInTheMiddle
{
    /// <summary>Tokens before what stands before the gap, before what stands behind it, and before the answer.</summary>
    private static readonly (string Prefix, string Suffix, string Middle)[] Known =
    [
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"), // Qwen2.5-Coder, CodeGemma
        ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"), // StarCoder, Granite
        ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"), // SantaCoder
        ("▁<PRE>", "▁<SUF>", "▁<MID>"), // Code Llama
        ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"), // DeepSeek-Coder
        ("<PRE>", "<SUF>", "<MID>"), // CodeShell and others
    ];

    /// <summary>The same where what stands behind the gap comes first and the answer goes on with what stands before it (Codestral).</summary>
    private static readonly (string Prefix, string Suffix) SuffixFirst = ("[PREFIX]", "[SUFFIX]");

    /// <summary>Tokens that such models put behind an answer.</summary>
    private static readonly string[] Ends = ["▁<EOT>", "<EOT>", "<|file_separator|>", "<|file_sep|>", "<file_sep>", "<|fim_pad|>", "<fim_pad>", "<fim-pad>", "<|repo_name|>"];

    private readonly Tokenizer tokenizer;
    private readonly int prefix, suffix;
    private readonly int? middle;

    private FillInTheMiddle(Tokenizer tokenizer, int prefix, int suffix, int? middle)
    {
        this.tokenizer = tokenizer;
        (this.prefix, this.suffix, this.middle) = (prefix, suffix, middle);
        EndTokens = [.. Ends.Select(tokenizer.TokenToId).OfType<int>(), prefix, suffix];
    }

    /// <summary>Tokens that end an answer, besides those of the tokenizer.</summary>
    public IReadOnlyCollection<int> EndTokens { get; }

    /// <summary>How a model's vocabulary says it; null where it has no tokens for it.</summary>
    public static FillInTheMiddle? Of(Tokenizer tokenizer)
    {
        foreach ((string prefix, string suffix, string middle) in Known)
        {
            if (tokenizer.TokenToId(prefix) is { } first && tokenizer.TokenToId(suffix) is { } second && tokenizer.TokenToId(middle) is { } third)
                return new FillInTheMiddle(tokenizer, first, second, third);
        }

        return tokenizer.TokenToId(SuffixFirst.Prefix) is { } before && tokenizer.TokenToId(SuffixFirst.Suffix) is { } behind
            ? new FillInTheMiddle(tokenizer, before, behind, null)
            : null;
    }

    /// <summary>The prompt for a gap between two texts, in which control tokens spelled out stay plain text.</summary>
    public int[] Encode(string before, string behind)
    {
        IEnumerable<int> start = tokenizer.AddsBos ? [tokenizer.BosId!.Value] : [];
        int[] first = tokenizer.Encode(before, addSpecial: false), second = tokenizer.Encode(behind, addSpecial: false);
        return middle is { } last ? [.. start, prefix, .. first, suffix, .. second, last] : [.. start, suffix, .. second, prefix, .. first];
    }
}
