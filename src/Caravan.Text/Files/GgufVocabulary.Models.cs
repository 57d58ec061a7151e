using Caravan.Formats;

namespace Caravan.Text;

/// <content>What each value of <c>tokenizer.ggml.model</c> means.</content>
internal static partial class GgufVocabulary
{
    private static TokenizerDefinition Around(TokenizerDefinition definition, GgufMetadata metadata, bool bos, bool eos)
    {
        bool addBos = metadata.Boolean(Prefix + "add_bos_token") ?? bos, addEos = metadata.Boolean(Prefix + "add_eos_token") ?? eos;
        return definition with
        {
            Before = addBos && definition.BosId is { } first ? [first] : [],
            After = addEos && definition.EosId is { } last ? [last] : [],
        };
    }

    private static TokenizerDefinition Llama(TokenizerDefinition basis, GgufMetadata metadata)
    {
        bool prefix = metadata.Boolean(Prefix + "add_space_prefix") ?? true;
        bool tidy = metadata.Boolean(Prefix + "remove_extra_whitespaces") ?? false;
        return Around(
            basis with
            {
                Model = ModelKind.ScoredPair,
                BosId = basis.BosId ?? Existing(1),
                EosId = basis.EosId ?? Existing(2),
                UnknownId = basis.UnknownId ?? Existing(0),
                ByteFallback = basis.Pieces.Any(piece => piece.Kind == PieceKind.Byte),
                FuseUnknown = true,
                Normalizer = SentencePieceSteps.Normalizer(null, tidy, prefix),
                Decoder = SentencePieceSteps.Decoder(prefix),
            },
            metadata,
            bos: true,
            eos: false);

        int? Existing(int id) => id < basis.Pieces.Length ? id : null;
    }

    private static TokenizerDefinition T5(TokenizerDefinition basis, GgufMetadata metadata)
    {
        bool prefix = metadata.Boolean(Prefix + "add_space_prefix") ?? false;
        bool tidy = metadata.Boolean(Prefix + "remove_extra_whitespaces") ?? false;
        byte[]? map = metadata.TryGet(Prefix + "precompiled_charsmap", out object? value)
            ? value switch
            {
                byte[] bytes => bytes,
                sbyte[] signed => [.. signed.Select(item => (byte)item)],
                _ => throw new CaravanException($"'{basis.Source}' holds {value.GetType().Name} under '{Prefix}precompiled_charsmap'; bytes were expected."),
            }
            : null;
        return Around(
            basis with
            {
                Model = ModelKind.Unigram,
                FuseUnknown = true,
                EosId = basis.EosId ?? (basis.Pieces.Length > 1 ? 1 : null),
                UnknownId = basis.UnknownId ?? (basis.Pieces.Length > 2 ? 2 : null),
                PadId = basis.PadId ?? 0,
                ByteFallback = basis.Pieces.Any(piece => piece.Kind == PieceKind.Byte),
                Normalizer = SentencePieceSteps.Normalizer(
                    map is { Length: > 0 } ? new PrecompiledNormalizer(map, $"'{basis.Source}'") : null, tidy, prefix),
                Decoder = SentencePieceSteps.Decoder(prefix),
            },
            metadata,
            bos: false,
            eos: true);
    }

    private static TokenizerDefinition Bert(TokenizerDefinition basis, GgufMetadata metadata)
    {
        Piece[] pieces = new Piece[basis.Pieces.Length];
        bool[] added = new bool[pieces.Length];
        foreach (AddedToken token in basis.Added) added[token.Id] = true;
        for (int i = 0; i < pieces.Length; i++)
        {
            string text = basis.Pieces[i].Text;
            bool bracketed = added[i] || (text.StartsWith('[') && text.EndsWith(']') && text.Length > 1);
            string spelled = text.StartsWith('\u2581') ? text[1..] : bracketed ? text : "##" + text;
            pieces[i] = basis.Pieces[i] with { Text = spelled };
        }

        TokenizerDefinition definition = basis with
        {
            Model = ModelKind.WordPiece,
            Pieces = pieces,
            SubwordPrefix = "##",
            BosId = basis.BosId ?? Default(101),
            UnknownId = basis.UnknownId ?? Default(100),
            SeparatorId = basis.SeparatorId ?? Default(102),
            PadId = basis.PadId ?? 0,
            Normalizer = new BertNormalizer(true, true, null, true),
            PreTokenizer = new BertPreTokenizer(),
            Decoder = new WordPieceDecoder("##", true),
        };
        return definition with
        {
            Before = definition.BosId is { } first ? [first] : [],
            After = definition.SeparatorId is { } last ? [last] : [],
        };

        int? Default(int id) => id < basis.Pieces.Length ? id : null;
    }

    private static (string Left, string Right)[] Merges(GgufMetadata metadata, string file)
    {
        string[] lines = metadata.Strings(Prefix + "merges") ?? throw new CaravanException(
            $"'{file}' has a byte-pair vocabulary but no key '{Prefix}merges'; convert the model again with its merges.");
        (string Left, string Right)[] merges = new (string, string)[lines.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            int blank = lines[i].Length < 2 ? -1 : lines[i].IndexOf(' ', 1);
            if (blank < 0)
                throw new CaravanException(
                    $"'{file}' has '{lines[i]}' as merge {i + 1} under '{Prefix}merges'; two pieces with a blank between them were expected.");
            merges[i] = (lines[i][..blank], lines[i][(blank + 1)..]);
        }

        return merges;
    }

    private static TokenizerDefinition Gpt2(TokenizerDefinition basis, GgufMetadata metadata, List<string> warnings)
    {
        string? name = basis.PreTokenizerName;
        if (name is null)
        {
            string architecture = metadata.String("general.architecture") ?? "";
            name = NameFor(architecture);
            warnings.Add(
                $"'{basis.Source}' does not name its pre-tokenizer ('{Prefix}pre'); '{name}' is assumed for the architecture '{architecture}', "
                + "so tokens may differ from the original model's: convert it again with a newer converter.");
        }

        NamedPreTokenizers.Entry entry = NamedPreTokenizers.Find(name) ?? throw new CaravanException(
            $"'{basis.Source}' names the pre-tokenizer '{name}' under '{Prefix}pre', which is not known.{Suggestion.DidYouMean(name, NamedPreTokenizers.Names)}"
            + " Give the folder of the original model, whose tokenizer.json says how to cut text.");
        TokenizerDefinition definition = basis with
        {
            Model = ModelKind.BytePair,
            PreTokenizerName = name,
            Merges = Merges(metadata, basis.Source),
            Normalizer = entry.Normalizer,
            PreTokenizer = entry.PreTokenizer,
            IgnoreMerges = entry.IgnoresMerges,
            Decoder = new ByteLevelDecoder(),
            // As in llama.cpp and in the models' own files, a byte without a token gives nothing.
            EmitsUnknown = false,
        };
        if (metadata.Boolean(Prefix + "add_space_prefix") == true) definition = definition with { PreTokenizer = WithPrefixSpace(entry.PreTokenizer) };
        definition = Around(definition, metadata, entry.AddsBos, eos: false);
        bool separates = metadata.Boolean(Prefix + "add_sep_token") ?? name is "roberta-bpe" or "jina-v1-en" or "jina-v2-code";
        return separates && definition.After.Count == 0 && (definition.SeparatorId ?? definition.EosId) is { } last
            ? definition with { After = [last] }
            : definition;
    }

    private static PreTokenizer WithPrefixSpace(PreTokenizer step) => step switch
    {
        SequencePreTokenizer sequence => new SequencePreTokenizer([.. sequence.Steps.Select(WithPrefixSpace)]),
        ByteLevelPreTokenizer bytes => bytes with { AddPrefixSpace = true },
        _ => step,
    };

    private static string NameFor(string architecture) => architecture switch
    {
        "gpt2" or "gptj" or "phi2" or "codegen" or "gptneo" => "gpt-2",
        "gptneox" or "mpt" or "olmo" => "mpt",
        "falcon" => "falcon",
        "starcoder" or "starcoder2" or "refact" => "starcoder",
        "qwen2" or "qwen2moe" or "qwen3" or "qwen3moe" => "qwen2",
        "bloom" => "bloom",
        "command-r" => "command-r",
        _ => "default",
    };

    private static TokenizerDefinition Gemma4(TokenizerDefinition basis, GgufMetadata metadata) => Around(
        basis with
        {
            Model = ModelKind.BytePair,
            Merges = Merges(metadata, basis.Source),
            ByteFallback = true,
            FuseUnknown = true,
            Normalizer = SentencePieceSteps.Normalizer(null, false, false),
            Decoder = SentencePieceSteps.Decoder(false),
        },
        metadata,
        bos: true,
        eos: false);
}
