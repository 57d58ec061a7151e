namespace Caravan.Text;

/// <summary>Tokenizers whose tokens are bytes, which need no file: ByT5's (Xue et al. 2021) and bGPT's (Wu et al. 2024).</summary>
internal static class ByteVocabulary
{
    private const int Byt5ExtraIds = 125;

    /// <summary>The names that stand for files of tokenizers that have none.</summary>
    public static IReadOnlyList<string> Names { get; } = ["byt5", "bgpt"];

    /// <summary>The tokenizer of a name.</summary>
    public static Tokenizer Create(string name) => new(name == "bgpt" ? Bgpt(name) : Byt5(name, Byt5ExtraIds));

    /// <summary>ByT5's with the settings of a tokenizer_config.json.</summary>
    /// <exception cref="CaravanException">The file is damaged.</exception>
    public static Tokenizer Load(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new Tokenizer(TokenizerConfigFiles.Apply(Byt5(path, TokenizerConfigFiles.ExtraIdsOf(folder) ?? Byt5ExtraIds), folder));
    }

    /// <summary>Three control tokens, the bytes, and sentinels counted upwards; a text ends with the end token.</summary>
    private static TokenizerDefinition Byt5(string source, int extraIds)
    {
        string[] control = ["<pad>", "</s>", "<unk>"];
        string[] sentinels = [.. Enumerable.Range(0, extraIds).Select(number => $"<extra_id_{number}>")];
        return Bytes(source, control, sentinels) with { PadId = 0, EosId = 1, UnknownId = 2, After = [1] };
    }

    /// <summary>The bytes and a token that fills patches and ends a text.</summary>
    private static TokenizerDefinition Bgpt(string source) => Bytes(source, [], ["<eop>"]) with { EosId = 256, PadId = 256 };

    private static TokenizerDefinition Bytes(string source, string[] before, string[] after)
    {
        AddedToken[] added =
        [
            .. before.Select((name, id) => new AddedToken(id, name) { Special = true }),
            .. after.Select((name, place) => new AddedToken(before.Length + 256 + place, name) { Special = true }),
        ];
        return new TokenizerDefinition
        {
            Source = source,
            Model = ModelKind.BytePair,
            Pieces =
            [
                .. before.Select(name => new Piece(name, 0, PieceKind.Control)),
                .. Enumerable.Range(0, 256).Select(value => new Piece(ByteAlphabet.CharacterOf((byte)value).ToString())),
                .. after.Select(name => new Piece(name, 0, PieceKind.Control)),
            ],
            Added = added,
            EmitsUnknown = false,
            PreTokenizer = new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: false),
            Decoder = new ByteLevelDecoder(),
        };
    }
}
