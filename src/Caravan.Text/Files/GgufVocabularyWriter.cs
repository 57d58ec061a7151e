using System.Text;
using Caravan.Formats;

namespace Caravan.Text;

/// <summary>
/// Writes a definition as GGUF's keys <c>tokenizer.*</c>. What those cannot say (a clean-up of its own, a pattern without a name) goes as a
/// whole tokenizer.json under GGUF's key for one.
/// </summary>
internal static class GgufVocabularyWriter
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Writes the keys.</summary>
    /// <exception cref="CaravanException">GGUF has no form for the model.</exception>
    public static void Write(TokenizerDefinition definition, GgufMetadata metadata)
    {
        if (definition.Structured) throw new CaravanException($"'{definition.Source}' holds a vocabulary for prompts that are objects of texts, for which GGUF has no form; keep its vocab.txt.");
        bool bytes = definition.Model == ModelKind.BytePair && definition.Decoder is ByteLevelDecoder;
        metadata.Set(Prefix + "model", definition.Model switch
        {
            ModelKind.BytePair when bytes => "gpt2",
            ModelKind.BytePair or ModelKind.ScoredPair => "llama",
            ModelKind.Unigram => "t5",
            ModelKind.WordPiece => "bert",
            ModelKind.LongestMatch => "rwkv",
            _ => throw new CaravanException($"'{definition.Source}' holds a vocabulary of whole words, for which GGUF has no form; keep its tokenizer.json."),
        });
        if (bytes) metadata.Set(Prefix + "pre", NameOf(definition));
        metadata.Set(Prefix + "tokens", Texts(definition));
        if (!bytes && definition.Model is not (ModelKind.WordPiece or ModelKind.LongestMatch)) metadata.Set(Prefix + "scores", Scores(definition));
        metadata.Set(Prefix + "token_type", definition.Pieces.Select(piece => (int)piece.Kind).ToArray());
        if (bytes) metadata.Set(Prefix + "merges", definition.Merges.Select(merge => $"{merge.Left} {merge.Right}").ToArray());
        WriteSpecial(definition, metadata);
        WriteSettings(definition, metadata);
        WriteTemplates(definition, metadata);
        if (definition.Model == ModelKind.LongestMatch) return;
        TokenizerDefinition read = GgufVocabulary.Define(metadata, definition.Source, []);
        if (TokenizerJsonWriter.Steps(read) != TokenizerJsonWriter.Steps(definition))
            metadata.Set(GgufVocabulary.JsonKey, Encoding.UTF8.GetString(TokenizerJsonWriter.Write(definition, indented: false)));
    }

    /// <summary>The name of the pre-tokenizer that does what the definition does, or the nearest there is.</summary>
    private static string NameOf(TokenizerDefinition definition)
    {
        string steps = Steps(definition.Normalizer, definition.PreTokenizer, definition.IgnoreMerges);
        IEnumerable<string> names = definition.PreTokenizerName is { } own ? NamedPreTokenizers.Names.Prepend(own) : NamedPreTokenizers.Names;
        foreach (string name in names)
            if (NamedPreTokenizers.Find(name) is { } entry && Steps(entry.Normalizer, entry.PreTokenizer, entry.IgnoresMerges) == steps) return name;
        return definition.PreTokenizerName is { } known && NamedPreTokenizers.Find(known) is not null ? known : "default";
    }

    private static string Steps(Normalizer? normalizer, PreTokenizer? preTokenizer, bool ignoreMerges) => TokenizerJsonWriter.Steps(new TokenizerDefinition
    {
        Source = "",
        Model = ModelKind.BytePair,
        Pieces = [],
        Normalizer = normalizer,
        PreTokenizer = WithoutOffsets(preTokenizer),
        IgnoreMerges = ignoreMerges,
    });

    /// <summary>Whether offsets are trimmed has no effect on ids.</summary>
    private static PreTokenizer? WithoutOffsets(PreTokenizer? step) => step switch
    {
        SequencePreTokenizer sequence => new SequencePreTokenizer([.. sequence.Steps.Select(inner => WithoutOffsets(inner)!)]),
        ByteLevelPreTokenizer bytes => bytes with { TrimOffsets = true },
        _ => step,
    };

    private static string[] Texts(TokenizerDefinition definition)
    {
        string[] texts = [.. definition.Pieces.Select(piece => piece.Text)];
        bool[] added = new bool[texts.Length];
        foreach (AddedToken token in definition.Added)
        {
            texts[token.Id] = token.Content;
            added[token.Id] = true;
        }

        if (definition.Model != ModelKind.WordPiece) return texts;
        for (int i = 0; i < texts.Length; i++)
        {
            if (added[i] || (texts[i].StartsWith('[') && texts[i].EndsWith(']') && texts[i].Length > 1)) continue;
            bool continues = texts[i].Length > definition.SubwordPrefix.Length && texts[i].StartsWith(definition.SubwordPrefix, StringComparison.Ordinal);
            texts[i] = continues ? texts[i][definition.SubwordPrefix.Length..] : "\u2581" + texts[i];
        }

        return texts;
    }

    /// <summary>The scores; for merges in order, the negative rank of the first merge that makes the piece.</summary>
    private static float[] Scores(TokenizerDefinition definition)
    {
        if (definition.Model != ModelKind.BytePair) return [.. definition.Pieces.Select(piece => (float)piece.Score)];
        Dictionary<string, int> ranks = new(StringComparer.Ordinal);
        for (int i = 0; i < definition.Merges.Length; i++) ranks.TryAdd(definition.Merges[i].Left + definition.Merges[i].Right, i);
        return [.. definition.Pieces.Select(piece => ranks.TryGetValue(piece.Text, out int rank) ? -rank - 1f : 0f)];
    }

    private static void WriteSpecial(TokenizerDefinition definition, GgufMetadata metadata)
    {
        Set("bos_token_id", definition.BosId);
        Set("eos_token_id", definition.EosId);
        Set("unknown_token_id", definition.UnknownId);
        Set("padding_token_id", definition.PadId);
        Set("seperator_token_id", definition.SeparatorId);
        Set("mask_token_id", definition.MaskId);
        if (definition.EndIds.Count > 0) metadata.Set(Prefix + "eos_token_ids", definition.EndIds.ToArray());

        void Set(string key, int? id)
        {
            if (id is { } number) metadata.Set(Prefix + key, (uint)number);
        }
    }

    private static void WriteSettings(TokenizerDefinition definition, GgufMetadata metadata)
    {
        metadata.Set(Prefix + "add_bos_token", definition.BosId is { } bos && definition.Before.Contains(bos));
        metadata.Set(Prefix + "add_eos_token", definition.EosId is { } eos && definition.After.Contains(eos));
        IReadOnlyList<Normalizer> steps = definition.Normalizer is SequenceNormalizer sequence ? sequence.Steps
            : definition.Normalizer is { } one ? [one] : [];
        bool prefix = steps.Any(step => step is PrependNormalizer) || definition.PreTokenizer is MetaspacePreTokenizer { Scheme: not PrependScheme.Never };
        metadata.Set(Prefix + "add_space_prefix", prefix);
        if (definition.Model is not (ModelKind.ScoredPair or ModelKind.Unigram)) return;
        metadata.Set(Prefix + "remove_extra_whitespaces", steps.Any(step => step is ReplaceNormalizer { Pattern.Expression: not null }));
        if (steps.OfType<PrecompiledNormalizer>().FirstOrDefault() is { } map) metadata.Set(Prefix + "precompiled_charsmap", map.Map.ToArray());
    }

    private static void WriteTemplates(TokenizerDefinition definition, GgufMetadata metadata)
    {
        if (definition.ChatTemplate is not null) metadata.Set("tokenizer.chat_template", definition.ChatTemplate);
        foreach ((string name, string template) in definition.NamedTemplates) metadata.Set($"tokenizer.chat_template.{name}", template);
    }
}
