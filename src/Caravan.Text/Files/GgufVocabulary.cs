using Caravan.Formats;
using System.Text;

namespace Caravan.Text;

/// <summary>Reads a tokenizer from GGUF's keys <c>tokenizer.ggml.*</c>.</summary>
/// <remarks>
/// A pre-tokenizer name that is not known is an error, as in llama.cpp. A file without a name is read by what its architecture's models use,
/// else by llama.cpp's default, with a warning either way.
/// </remarks>
internal static class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>GGUF's optional key for a whole tokenizer.json.</summary>
    internal const string JsonKey = "tokenizer.huggingface.json";

    private static readonly string[] Models = ["llama", "gpt2", "bert", "t5", "rwkv", "gemma4"];

    /// <summary>Reads the tokenizer.</summary>
    /// <exception cref="CaravanException">There is no vocabulary, or a broken one.</exception>
    public static Tokenizer Read(GgufMetadata metadata, string file)
    {
        List<string> warnings = [];
        TokenizerDefinition definition = Define(metadata, file, warnings);
        if (metadata.String(JsonKey) is { } json) definition = FromJson(definition, json, file);
        return new Tokenizer(definition, warnings);
    }

    /// <summary>What the keys <c>tokenizer.ggml.*</c> say, without an embedded tokenizer.json.</summary>
    public static TokenizerDefinition Define(GgufMetadata metadata, string file, List<string> warnings)
    {
        string model = metadata.String(Prefix + "model") ?? throw NoVocabulary(file);
        if (model is "none" or "no_vocab") throw NoVocabulary(file);
        Piece[] pieces = Pieces(metadata, file);
        TokenizerDefinition basis = new() { Source = file, Model = ModelKind.BytePair, Pieces = pieces };
        basis = WithSpecialIds(basis, metadata);
        return model switch
        {
            "llama" => Llama(basis, metadata),
            "gpt2" => Gpt2(basis, metadata, warnings),
            "bert" => Bert(basis, metadata),
            "t5" => T5(basis, metadata),
            "rwkv" => basis with { Model = ModelKind.LongestMatch },
            "gemma4" => Gemma4(basis, metadata),
            _ => throw new CaravanException(
                $"'{file}' names the tokenizer model '{model}' under '{Prefix}model'; {string.Join(", ", Models)} are known.{Suggestion.DidYouMean(model, Models)}"),
        };
    }

    private static CaravanException NoVocabulary(string file) => new(
        $"'{file}' holds no vocabulary: the key '{Prefix}model' is missing or says none; give the folder of the original model, whose tokenizer.json has it.");

    private static Piece[] Pieces(GgufMetadata metadata, string file)
    {
        string[] tokens = metadata.Strings(Prefix + "tokens") ?? throw new CaravanException(
            $"'{file}' holds no vocabulary: the key '{Prefix}tokens' is missing; give the folder of the original model, whose tokenizer.json has it.");
        float[]? scores = metadata.Reals(Prefix + "scores");
        long[]? kinds = metadata.Integers(Prefix + "token_type");
        CheckCount("scores", scores?.Length);
        CheckCount("token_type", kinds?.Length);
        Piece[] pieces = new Piece[tokens.Length];
        for (int i = 0; i < pieces.Length; i++)
        {
            PieceKind kind = kinds is null ? PieceKind.Normal : kinds[i] is >= 1 and <= 6 ? (PieceKind)kinds[i] : PieceKind.Normal;
            pieces[i] = new Piece(tokens[i], scores is null || !float.IsFinite(scores[i]) ? 0 : scores[i], kind);
        }

        return pieces;

        void CheckCount(string key, int? count)
        {
            if (count is { } found && found < tokens.Length)
                throw new CaravanException(
                    $"'{file}' has {found} entries under '{Prefix}{key}' for {tokens.Length} tokens; the file is damaged, so download it again.");
        }
    }

    private static TokenizerDefinition WithSpecialIds(TokenizerDefinition basis, GgufMetadata metadata)
    {
        List<int> ends = [];
        foreach (string key in new[] { "eot_token_id", "eom_token_id" })
            if (Id(key) is { } id) ends.Add(id);
        foreach (long id in metadata.Integers(Prefix + "eos_token_ids") ?? [])
            if (id >= 0 && id < basis.Pieces.Length) ends.Add((int)id);
        return basis with
        {
            BosId = Id("bos_token_id") ?? Id("cls_token_id"),
            EosId = Id("eos_token_id"),
            UnknownId = Id("unknown_token_id"),
            PadId = Id("padding_token_id"),
            SeparatorId = Id("seperator_token_id") ?? Id("separator_token_id"),
            MaskId = Id("mask_token_id"),
            EndIds = ends,
            ChatTemplate = metadata.String("tokenizer.chat_template"),
            NamedTemplates = Templates(metadata),
            PreTokenizerName = metadata.String(Prefix + "pre"),
            Added = AddedTokens(basis.Pieces, metadata),
            AllowsUnknownMerges = true,
        };

        // As in llama.cpp, an id outside the vocabulary (some converters write -1) counts as not given.
        int? Id(string key) => metadata.Integer(Prefix + key) is { } id && id >= 0 && id < basis.Pieces.Length ? (int)id : null;
    }

    private static List<(string, string)> Templates(GgufMetadata metadata)
    {
        const string start = "tokenizer.chat_template.";
        return [.. metadata.Keys.Where(key => key.StartsWith(start, StringComparison.Ordinal)).Select(key => (key[start.Length..], metadata.String(key)!))];
    }

    private static List<AddedToken> AddedTokens(Piece[] pieces, GgufMetadata metadata)
    {
        string name = metadata.String("general.name") ?? "";
        string pre = metadata.String(Prefix + "pre") ?? "";
        // Phi-3's turn tokens swallow the blanks after them, and RoBERTa's mask those before it; GGUF has no field for either.
        bool phi3 = metadata.String(Prefix + "model") == "llama"
            && (name.Contains("phi-3", StringComparison.OrdinalIgnoreCase) || name.Contains("phi3", StringComparison.OrdinalIgnoreCase));
        bool mask = pre.StartsWith("jina-v2", StringComparison.Ordinal) || pre is "roberta-bpe" or "modern-bert";
        List<AddedToken> added = [];
        for (int i = 0; i < pieces.Length; i++)
        {
            if (pieces[i].Kind is not (PieceKind.Control or PieceKind.UserDefined or PieceKind.Unknown) || pieces[i].Text.Length == 0) continue;
            added.Add(new AddedToken(i, pieces[i].Text)
            {
                Special = pieces[i].Kind != PieceKind.UserDefined,
                StripRight = phi3 && pieces[i].Text is not ("<unk>" or "<s>" or "<|endoftext|>"),
                StripLeft = mask && pieces[i].Text is "<mask>" or "[MASK]",
            });
        }

        return added;
    }

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

    /// <summary>Takes all but the vocabulary's size from an embedded tokenizer.json, which says more than the other keys can.</summary>
    private static TokenizerDefinition FromJson(TokenizerDefinition definition, string json, string file)
    {
        TokenizerDefinition whole = TokenizerJsonReader.Read(Encoding.UTF8.GetBytes(json), $"{file} ({JsonKey})");
        if (whole.Pieces.Length > definition.Pieces.Length) return definition;
        // Models pad their vocabulary to a round number; the padding stays.
        if (whole.Pieces.Length < definition.Pieces.Length)
            whole = whole with { Pieces = [.. whole.Pieces, .. definition.Pieces[whole.Pieces.Length..]] };
        return whole with
        {
            Source = definition.Source,
            BosId = definition.BosId,
            EosId = definition.EosId,
            UnknownId = whole.UnknownId ?? definition.UnknownId,
            PadId = definition.PadId,
            SeparatorId = definition.SeparatorId,
            MaskId = definition.MaskId,
            EndIds = definition.EndIds,
            ChatTemplate = definition.ChatTemplate,
            NamedTemplates = definition.NamedTemplates,
            PreTokenizerName = definition.PreTokenizerName,
        };
    }
}
