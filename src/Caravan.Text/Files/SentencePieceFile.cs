using System.Text;

namespace Caravan.Text;

/// <summary>Reads a SentencePiece model (<c>tokenizer.model</c>). Source: sentencepiece_model.proto.</summary>
internal static class SentencePieceFile
{
    /// <summary>What the file says besides its pieces, with the format's defaults.</summary>
    private sealed class Settings
    {
        public List<Piece> Pieces { get; } = [];

        public long ModelType { get; set; } = 1;

        public bool ByteFallback { get; set; }

        public bool BlankAsSuffix { get; set; }

        public long UnknownId { get; set; }

        public long BosId { get; set; } = 1;

        public long EosId { get; set; } = 2;

        public long PadId { get; set; } = -1;

        public byte[] CharacterMap { get; set; } = [];

        public bool AddPrefix { get; set; } = true;

        public bool RemoveExtraBlanks { get; set; } = true;

        public bool EscapeBlanks { get; set; } = true;
    }

    /// <summary>Reads the file and the configuration files beside it.</summary>
    /// <exception cref="CaravanException">The file is damaged or holds a kind of model that is not supported.</exception>
    public static Tokenizer Load(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        TokenizerDefinition definition = SentencePieceClasses.Shaped(Read(TokenizerFiles.ReadAll(path), path), folder);
        return new Tokenizer(TokenizerConfigFiles.Apply(definition, folder));
    }

    /// <summary>Reads the bytes of a model.</summary>
    /// <exception cref="CaravanException">They are damaged or hold a kind of model that is not supported.</exception>
    public static TokenizerDefinition Read(byte[] bytes, string file)
    {
        Settings settings = new();
        ProtobufReader reader = new(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: settings.Pieces.Add(ReadPiece(reader.Bytes(), file)); break;
                case 2: ReadTrainer(reader.Bytes(), file, settings); break;
                case 3: ReadNormalizer(reader.Bytes(), file, settings); break;
                default: reader.Skip(); break;
            }
        }

        return Define(settings, file);
    }

    private static Piece ReadPiece(ReadOnlySpan<byte> bytes, string file)
    {
        string text = "";
        float score = 0;
        long kind = 1;
        ProtobufReader reader = new(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: text = Encoding.UTF8.GetString(reader.Bytes()); break;
                case 2: score = reader.Single(); break;
                case 3: kind = reader.Integer(); break;
                default: reader.Skip(); break;
            }
        }

        if (kind is < 1 or > 6)
            throw new CaravanException($"'{file}' gives the piece '{text}' the type {kind}; 1 to 6 are known, so download the file again.");
        if (!float.IsFinite(score)) throw new CaravanException($"'{file}' gives the piece '{text}' the score {score}; a finite number was expected.");
        return new Piece(text, score, (PieceKind)kind);
    }

    private static void ReadTrainer(ReadOnlySpan<byte> bytes, string file, Settings settings)
    {
        ProtobufReader reader = new(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: settings.ModelType = reader.Integer(); break;
                case 24: settings.BlankAsSuffix = reader.Integer() != 0; break;
                case 35: settings.ByteFallback = reader.Integer() != 0; break;
                case 40: settings.UnknownId = Id(reader.Integer()); break;
                case 41: settings.BosId = Id(reader.Integer()); break;
                case 42: settings.EosId = Id(reader.Integer()); break;
                case 43: settings.PadId = Id(reader.Integer()); break;
                default: reader.Skip(); break;
            }
        }

        // Negative 32-bit numbers are written with 64 bits, by some writers with 32.
        static long Id(long value) => value is >= int.MinValue and <= int.MaxValue ? value : unchecked((int)value);
    }

    private static void ReadNormalizer(ReadOnlySpan<byte> bytes, string file, Settings settings)
    {
        ProtobufReader reader = new(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2: settings.CharacterMap = reader.Bytes().ToArray(); break;
                case 3: settings.AddPrefix = reader.Integer() != 0; break;
                case 4: settings.RemoveExtraBlanks = reader.Integer() != 0; break;
                case 5: settings.EscapeBlanks = reader.Integer() != 0; break;
                default: reader.Skip(); break;
            }
        }
    }

    private static TokenizerDefinition Define(Settings settings, string file)
    {
        ModelKind kind = settings.ModelType switch
        {
            1 => ModelKind.Unigram,
            2 => ModelKind.ScoredPair,
            _ => throw new CaravanException($"'{file}' holds a SentencePiece model of type {settings.ModelType}; 1 (unigram) and 2 (BPE) are supported."),
        };
        if (settings.BlankAsSuffix || !settings.EscapeBlanks)
            throw new CaravanException(
                $"'{file}' was trained with {(settings.BlankAsSuffix ? "treat_whitespace_as_suffix" : "escape_whitespaces off")}, which is not supported; "
                + "use the model's tokenizer.json.");
        Piece[] pieces = [.. settings.Pieces];
        int? unknown = Existing(settings.UnknownId) ?? (Array.FindIndex(pieces, piece => piece.Kind == PieceKind.Unknown) is >= 0 and int id ? id : null);
        int? bos = Existing(settings.BosId), eos = Existing(settings.EosId);
        List<AddedToken> added = [];
        for (int i = 0; i < pieces.Length; i++)
        {
            if (pieces[i].Text.Length == 0) continue;
            if (pieces[i].Kind is PieceKind.Control or PieceKind.Unknown) added.Add(new AddedToken(i, pieces[i].Text) { Special = true });
            // What users defined is found in the text before blanks were made visible.
            if (pieces[i].Kind == PieceKind.UserDefined) added.Add(new AddedToken(i, pieces[i].Text.Replace('\u2581', ' ')));
        }

        PrecompiledNormalizer? map = settings.CharacterMap.Length > 0 ? new PrecompiledNormalizer(settings.CharacterMap, $"'{file}'") : null;
        bool bytes = settings.ByteFallback || pieces.Any(piece => piece.Kind == PieceKind.Byte);
        return new TokenizerDefinition
        {
            Source = file,
            Model = kind,
            Pieces = pieces,
            ByteFallback = bytes,
            FuseUnknown = true,
            UnknownId = unknown,
            BosId = bos,
            EosId = eos,
            PadId = Existing(settings.PadId),
            Before = kind == ModelKind.ScoredPair && bos is { } first ? [first] : [],
            After = kind == ModelKind.Unigram && eos is { } last ? [last] : [],
            Added = added,
            Normalizer = SentencePieceSteps.Normalizer(map, settings.RemoveExtraBlanks, settings.AddPrefix),
            Decoder = SentencePieceSteps.Decoder(settings.AddPrefix),
        };

        int? Existing(long id) => id >= 0 && id < pieces.Length ? (int)id : null;
    }
}
