using System.Text;

namespace Caravan.Text;

/// <summary>Reads the older file forms: <c>vocab.json</c> with <c>merges.txt</c>, and <c>vocab.txt</c>.</summary>
internal static class VocabularyFiles
{
    /// <summary>Reads GPT-2's pair of files and the configuration files beside them.</summary>
    /// <exception cref="CaravanException">A file is missing or damaged.</exception>
    public static Tokenizer ReadVocabJson(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string merges = Path.Combine(folder, "merges.txt");
        if (!File.Exists(merges)) throw new CaravanException($"'{path}' needs 'merges.txt' beside it, which is missing; download it too.");
        Vocabulary vocabulary = new(path);
        foreach ((string text, JsonField id) in JsonField.Parse(TokenizerFiles.ReadAll(path), path).Members())
            vocabulary.Add(text, id.Count(), 0, id.Place);
        TokenizerDefinition definition = new()
        {
            Source = path,
            Model = ModelKind.BytePair,
            Pieces = vocabulary.Pieces([], null, false),
            Merges = ReadMerges(merges),
            EmitsUnknown = false,
            Decoder = new ByteLevelDecoder(),
        };
        return new Tokenizer(TokenizerConfigFiles.Apply(
            VocabularyClasses.Shaped(definition, TokenizerConfigFiles.ClassOf(folder), TokenizerConfigFiles.SaysYes(folder, "add_prefix_space")), folder));
    }

    /// <summary>Reads BERT's list of pieces, one per line, and the configuration files beside it.</summary>
    /// <exception cref="CaravanException">The list has no unknown token.</exception>
    public static Tokenizer ReadVocabText(string path)
    {
        string text = Encoding.UTF8.GetString(TokenizerFiles.ReadAll(path)).Replace("\r\n", "\n", StringComparison.Ordinal);
        if (text.EndsWith('\n')) text = text[..^1];
        string[] lines = text.Split('\n');
        if (CpmBeeVocabulary.Recognises(lines)) return CpmBeeVocabulary.Read(path, lines);
        int? Id(string piece) => Array.IndexOf(lines, piece) is >= 0 and int id ? id : null;
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        if (Id("[UNK]") is null)
            throw new CaravanException($"'{path}' has {lines.Length} lines, but none is [UNK], as in a BERT vocabulary; give the model's folder.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        TokenizerDefinition definition = new()
        {
            Source = path,
            Model = ModelKind.WordPiece,
            Pieces = [.. lines.Select(line => new Piece(line, 0, line == "[UNK]" ? PieceKind.Unknown : special.Contains(line) ? PieceKind.Control : PieceKind.Normal))],
            SubwordPrefix = "##",
            UnknownId = Id("[UNK]"),
            PadId = Id("[PAD]"),
            BosId = Id("[CLS]"),
            SeparatorId = Id("[SEP]"),
            MaskId = Id("[MASK]"),
            Before = Id("[CLS]") is { } first ? [first] : [],
            After = Id("[SEP]") is { } last ? [last] : [],
            Added = [.. special.Where(name => Id(name) is not null).Select(name => new AddedToken(Id(name)!.Value, name) { Special = true })],
            Normalizer = TokenizerConfigFiles.BertNormalizerOf(folder),
            PreTokenizer = new BertPreTokenizer(),
            Decoder = new WordPieceDecoder("##", true),
        };
        return new Tokenizer(TokenizerConfigFiles.Apply(definition, folder));
    }

    private static (string Left, string Right)[] ReadMerges(string path)
    {
        List<(string, string)> merges = [];
        int number = 0;
        foreach (string line in Encoding.UTF8.GetString(TokenizerFiles.ReadAll(path)).Split('\n'))
        {
            number++;
            string merge = line.TrimEnd('\r');
            if (merge.Length == 0 || merge.StartsWith("#version", StringComparison.Ordinal)) continue;
            int blank = merge.IndexOf(' ', 1);
            if (blank < 0 || blank == merge.Length - 1)
                throw new CaravanException($"'{path}' has '{merge}' in line {number}; two pieces with a blank between them were expected.");
            // Some files have how often the pair was seen in a third column.
            int end = merge.IndexOf(' ', blank + 2);
            merges.Add((merge[..blank], end < 0 ? merge[(blank + 1)..] : merge[(blank + 1)..end]));
        }

        return [.. merges];
    }
}
