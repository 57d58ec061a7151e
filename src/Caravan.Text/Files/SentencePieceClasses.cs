using System.Globalization;

namespace Caravan.Text;

/// <summary>What the tokenizer classes that use SentencePiece models add to them, and no file says.</summary>
internal static class SentencePieceClasses
{
    private const int UsualExtraIds = 100;
    private const int UsualImageTokens = 20000;

    private static readonly string[] GlmTokens = ["[MASK]", "[gMASK]", "[sMASK]", "sop", "eop", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"];

    /// <summary>The definition of a model file as the class of its folder makes it.</summary>
    public static TokenizerDefinition Shaped(TokenizerDefinition definition, string folder)
    {
        string name = TokenizerConfigFiles.ClassOf(folder), file = Path.GetFileName(definition.Source);
        bool Is(string start) => name.StartsWith(start, StringComparison.Ordinal);
        if (file == "ice_text.model") return Glm1(definition, TokenizerConfigFiles.NumberOf(folder, "num_image_tokens") ?? UsualImageTokens);
        if (Is("ChatGLM")) return Glm2(definition);
        if (Is("XGLM")) return Fairseq(definition, [.. Enumerable.Range(0, 7).Select(number => $"<madeupword{number}>")]) with { Before = [2], After = [] };
        if (Is("XLMRoberta")) return Fairseq(definition, ["<mask>"]) with { Before = [0], After = [2], MaskId = definition.Pieces.Length + 1 };
        bool sentinels = Is("T5") || Is("MT5") || (name.Length == 0 && TokenizerConfigFiles.ModelTypeOf(folder) is "t5" or "mt5" or "umt5" or "switch_transformers");
        return sentinels ? WithSentinels(definition, TokenizerConfigFiles.ExtraIdsOf(folder) ?? UsualExtraIds) : definition;
    }

    /// <summary>T5's sentinels, counted down from the end.</summary>
    private static TokenizerDefinition WithSentinels(TokenizerDefinition definition, int count) =>
        WithTokens(definition, [.. Enumerable.Range(0, count).Select(place => string.Create(CultureInfo.InvariantCulture, $"<extra_id_{count - 1 - place}>"))]);

    /// <summary>
    /// ChatGLM 1: ids behind those of images, blanks and line ends as pieces of their own; a text is followed by [gMASK] and the token that begins an answer.
    /// </summary>
    private static TokenizerDefinition Glm1(TokenizerDefinition definition, int imageTokens)
    {
        Piece[] images = [.. Enumerable.Range(0, imageTokens).Select(number => new Piece(string.Create(CultureInfo.InvariantCulture, $"<image_{number}>"), 0, PieceKind.Unused))];
        int? Id(string text) => Array.FindIndex(definition.Pieces, piece => piece.Text == text) is >= 0 and int id ? id + imageTokens : null;
        string[] control = ["[MASK]", "[gMASK]", "[sMASK]", "<sop>", "<eop>", "<pad>", "<unk>", "</s>", "<s>"];
        return definition with
        {
            Pieces = [.. images, .. definition.Pieces],
            Added = [.. control.Where(text => Id(text) is not null).Select(text => new AddedToken(Id(text)!.Value, text) { Special = true })],
            UnknownId = definition.UnknownId + imageTokens,
            PadId = Id("<pad>"),
            BosId = Id("<sop>"),
            EosId = Id("<eop>"),
            MaskId = Id("[MASK]"),
            Before = [],
            After = [.. new[] { Id("[gMASK]"), Id("<sop>") }.OfType<int>()],
            Normalizer = new SequenceNormalizer([new GlmBlanksNormalizer(), definition.Normalizer!]),
            Decoder = SequenceDecoder.Of([new GlmBlanksDecoder(), definition.Decoder!]),
        };
    }

    /// <summary>ChatGLM 2 and 3: control tokens behind the pieces, two of them before a text.</summary>
    private static TokenizerDefinition Glm2(TokenizerDefinition definition)
    {
        int first = definition.Pieces.Length;
        return WithTokens(definition, GlmTokens) with
        {
            Before = [first + Array.IndexOf(GlmTokens, "[gMASK]"), first + Array.IndexOf(GlmTokens, "sop")],
            BosId = null,
        };
    }

    /// <summary>Fairseq's order: its four control tokens first, so that all others stand one further back, and more at the end.</summary>
    private static TokenizerDefinition Fairseq(TokenizerDefinition definition, string[] more)
    {
        string[] control = ["<s>", "<pad>", "</s>", "<unk>"];
        const int replaced = 3;
        TokenizerDefinition moved = definition with
        {
            Pieces =
            [
                .. control.Select(text => new Piece(text, 0, text == "<unk>" ? PieceKind.Unknown : PieceKind.Control)), .. definition.Pieces.Skip(replaced),
            ],
            Added =
            [
                .. control.Select((text, id) => new AddedToken(id, text) { Special = true }),
                .. definition.Added.Where(token => token.Id >= replaced).Select(token => token with { Id = token.Id + 1 }),
            ],
            BosId = 0,
            PadId = 1,
            EosId = 2,
            UnknownId = 3,
        };
        return WithTokens(moved, more);
    }

    private static TokenizerDefinition WithTokens(TokenizerDefinition definition, string[] tokens) => definition with
    {
        Pieces = [.. definition.Pieces, .. tokens.Select(text => new Piece(text, 0, PieceKind.Control))],
        Added = [.. definition.Added, .. tokens.Select((text, place) => new AddedToken(definition.Pieces.Length + place, text) { Special = true })],
    };
}
