namespace Caravan.Text;

/// <summary>How the tokenizer classes that use <c>vocab.json</c> and <c>merges.txt</c> treat their text, which no file says.</summary>
internal static class VocabularyClasses
{
    private const string WordEnd = "</w>";

    /// <summary>The definition as a class makes it; a class that is not known is GPT-2's.</summary>
    /// <param name="definition">Vocabulary and merges as the files have them.</param>
    /// <param name="name">The class, such as <c>GPT2Tokenizer</c>.</param>
    /// <param name="prefixBlank">Whether a text gets a blank before it (<c>add_prefix_space</c>).</param>
    public static TokenizerDefinition Shaped(TokenizerDefinition definition, string name, bool prefixBlank)
    {
        bool Is(params string[] starts) => starts.Any(start => name.StartsWith(start, StringComparison.Ordinal));
        if (Is("Qwen2")) return Named(definition, "qwen2");
        if (Is("CLIP")) return Clip(definition);
        if (Is("OpenAIGPT")) return Words(definition) with { Normalizer = new BertNormalizer(true, true, null, true), PreTokenizer = new BertPreTokenizer() };
        if (Is("CTRL")) return Ctrl(definition);
        if (Is("BioGpt")) return BioGpt(definition);
        definition = Named(definition, "gpt-2");
        if (prefixBlank) definition = definition with { PreTokenizerName = null, PreTokenizer = new ByteLevelPreTokenizer(AddPrefixSpace: true, UseRegex: true) };
        return Is("Roberta", "Bart", "Longformer", "LED", "Blenderbot") ? Roberta(definition) : definition;
    }

    private static TokenizerDefinition Named(TokenizerDefinition definition, string name)
    {
        NamedPreTokenizers.Entry entry = NamedPreTokenizers.Find(name)!;
        return definition with
        {
            PreTokenizerName = name,
            Normalizer = entry.Normalizer,
            PreTokenizer = entry.PreTokenizer,
            IgnoreMerges = entry.IgnoresMerges,
        };
    }

    private static TokenizerDefinition Clip(TokenizerDefinition definition) => definition with
    {
        WordSuffix = WordEnd,
        EmitsUnknown = true,
        UnknownId = Find(definition, "<|endoftext|>"),
        Normalizer = new SequenceNormalizer(
            [new FormNormalizer(UnicodeForm.Nfc), new ReplaceNormalizer(TextPattern.Regex(@"\s+"), " "), new LowercaseNormalizer()]),
        PreTokenizer = new SequencePreTokenizer(
        [
            new SplitPreTokenizer(TextPattern.Regex(@"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), SplitBehavior.Removed, Invert: true),
            new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: false),
        ]),
        Decoder = SequenceDecoder.Of([new SuffixDecoder(WordEnd), new ByteLevelDecoder()]),
        Before = Find(definition, "<|startoftext|>") is { } first ? [first] : [],
        After = Find(definition, "<|endoftext|>") is { } last ? [last] : [],
    };

    private static TokenizerDefinition Roberta(TokenizerDefinition definition)
    {
        if (Find(definition, "<s>") is not { } start || Find(definition, "</s>") is not { } end) return definition;
        definition = definition with { Before = [start], After = [end] };
        // The blank before a mask belongs to it.
        return Find(definition, "<mask>") is { } mask
            ? definition with { MaskId = mask, Added = [new AddedToken(mask, "<mask>") { Special = true, StripLeft = true }] }
            : definition;
    }

    /// <summary>Merges over characters instead of bytes, the last of a word marked; what the vocabulary lacks is unknown.</summary>
    private static TokenizerDefinition Words(TokenizerDefinition definition) => definition with
    {
        WordSuffix = WordEnd,
        EmitsUnknown = true,
        AllowsUnknownMerges = true,
        UnknownId = Find(definition, "<unk>"),
        PreTokenizer = new WhitespaceSplitPreTokenizer(),
        Decoder = new SuffixDecoder(WordEnd),
    };

    /// <summary>
    /// CTRL marks, in its vocabulary, the pieces that a word goes on behind (<c>en@@</c>); its merges mark the last piece of a word, and so do the pieces here.
    /// </summary>
    private static TokenizerDefinition Ctrl(TokenizerDefinition definition)
    {
        const string goesOn = "@@";
        return Words(definition) with
        {
            Pieces = [.. definition.Pieces.Select(piece => piece.Text == "<unk>" ? piece with { Kind = PieceKind.Unknown }
                : piece with { Text = piece.Text.EndsWith(goesOn, StringComparison.Ordinal) ? piece.Text[..^goesOn.Length] : piece.Text + WordEnd })],
            // A line end belongs to the word before it.
            PreTokenizer = new SplitPreTokenizer(TextPattern.Regex(@"\S+\n?"), SplitBehavior.Removed, Invert: true),
        };
    }

    /// <summary>BioGPT: Moses's tokenizer, and an end-of-text token before the text.</summary>
    private static TokenizerDefinition BioGpt(TokenizerDefinition definition) => Words(definition) with
    {
        Normalizer = new MosesNormalizer(),
        Before = Find(definition, "</s>") is { } first ? [first] : [],
    };

    private static int? Find(TokenizerDefinition definition, string piece) =>
        Array.FindIndex(definition.Pieces, each => each.Text == piece) is >= 0 and int id ? id : null;
}
