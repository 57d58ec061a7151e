using System.Text;
using Caravan.Formats;

namespace Caravan.Text;

/// <summary>Reads a tokenizer from GGUF's keys <c>tokenizer.ggml.*</c>.</summary>
/// <remarks>
/// A pre-tokenizer name that is not known is an error, as in llama.cpp. A file without a name is read by what its architecture's models use,
/// else by llama.cpp's default, with a warning either way.
/// </remarks>
internal static partial class GgufVocabulary
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
