namespace Caravan.Text;

/// <summary>Reads a Hugging Face tokenizer.json.</summary>
internal static class TokenizerJsonReader
{
    private static readonly string[] Models = ["BPE", "Unigram", "WordPiece", "WordLevel"];

    /// <summary>Reads the file and the configuration files beside it.</summary>
    /// <exception cref="CaravanException">The file is not JSON, or its parts do not hold together.</exception>
    public static Tokenizer Load(string path)
    {
        TokenizerDefinition definition = Read(TokenizerFiles.ReadAll(path), path);
        return new Tokenizer(TokenizerConfigFiles.Apply(definition, Path.GetDirectoryName(Path.GetFullPath(path))!));
    }

    /// <summary>Reads the bytes of a tokenizer.json.</summary>
    /// <exception cref="CaravanException">They are not JSON, or their parts do not hold together.</exception>
    public static TokenizerDefinition Read(byte[] bytes, string file)
    {
        JsonField root = JsonField.Parse(bytes, file);
        JsonField model = root.Required("model");
        ModelKind kind = KindOf(model);
        Vocabulary vocabulary = new(file);
        if (kind == ModelKind.Unigram) ReadScored(model.Required("vocab"), vocabulary);
        else
            foreach ((string text, JsonField id) in model.Required("vocab").Members()) vocabulary.Add(text, id.Count(), 0, id.Place);
        List<AddedToken> added = ReadAdded(root, vocabulary);
        int? unknown = kind == ModelKind.Unigram
            ? model.Find("unk_id")?.Count()
            : model.Find("unk_token") is { } name ? vocabulary.Find(name.String()) : null;
        bool fallback = model.Find("byte_fallback")?.Boolean() ?? false;
        TokenizerDefinition definition = new()
        {
            Source = file,
            Model = kind,
            Pieces = vocabulary.Pieces(added, unknown, fallback),
            Merges = kind == ModelKind.BytePair ? ReadMerges(model.Required("merges")) : [],
            ByteFallback = fallback,
            FuseUnknown = kind == ModelKind.Unigram || (model.Find("fuse_unk")?.Boolean() ?? false),
            IgnoreMerges = model.Find("ignore_merges")?.Boolean() ?? false,
            SubwordPrefix = model.Find("continuing_subword_prefix")?.String() ?? (kind == ModelKind.WordPiece ? "##" : ""),
            WordSuffix = model.Find("end_of_word_suffix")?.String() ?? "",
            MaximumWordLength = model.Find("max_input_chars_per_word")?.Count() ?? 100,
            UnknownId = unknown,
            EmitsUnknown = unknown is not null,
            Normalizer = root.Find("normalizer") is { } normalizer ? Normalizer.Read(normalizer) : null,
            PreTokenizer = root.Find("pre_tokenizer") is { } preTokenizer ? PreTokenizer.Read(preTokenizer) : null,
            Decoder = root.Find("decoder") is { } decoder ? Decoder.Read(decoder) : null,
            Added = added,
        };
        return root.Find("post_processor") is { } post ? PostProcessors.Read(post, definition) : definition;
    }

    /// <summary>The model's type; old files leave it out, and then the model's keys tell.</summary>
    private static ModelKind KindOf(JsonField model)
    {
        string type = model.Find("type")?.String()
            ?? (model.Find("merges") is not null ? "BPE" : model.Find("unk_id") is not null ? "Unigram"
                : model.Find("max_input_chars_per_word") is not null ? "WordPiece" : "WordLevel");
        return type switch
        {
            "BPE" => ModelKind.BytePair,
            "Unigram" => ModelKind.Unigram,
            "WordPiece" => ModelKind.WordPiece,
            "WordLevel" => ModelKind.WordLevel,
            _ => throw new CaravanException($"{model.Place} names the model '{type}', which is not known.{Suggestion.DidYouMean(type, Models)}"),
        };
    }

    private static void ReadScored(JsonField rows, Vocabulary vocabulary)
    {
        int id = 0;
        foreach (JsonField row in rows.Items())
        {
            JsonField[] pair = [.. row.Items().Take(3)];
            if (pair.Length != 2) throw row.Mismatch("a pair of piece and score");
            vocabulary.AddScored(pair[0].String(), id++, pair[1].Real());
        }
    }

    private static (string Left, string Right)[] ReadMerges(JsonField rows)
    {
        List<(string, string)> merges = [];
        foreach (JsonField row in rows.Items())
        {
            if (row.Kind == System.Text.Json.JsonValueKind.String)
            {
                string line = row.String();
                int blank = line.Length < 2 ? -1 : line.IndexOf(' ', 1);
                if (line.StartsWith("#version", StringComparison.Ordinal)) continue;
                if (blank < 0) throw row.Mismatch("two pieces with a blank between them");
                merges.Add((line[..blank], line[(blank + 1)..]));
                continue;
            }

            JsonField[] pair = [.. row.Items().Take(3)];
            if (pair.Length != 2) throw row.Mismatch("a pair of pieces");
            merges.Add((pair[0].String(), pair[1].String()));
        }

        return [.. merges];
    }

    private static List<AddedToken> ReadAdded(JsonField root, Vocabulary vocabulary)
    {
        List<AddedToken> added = [];
        HashSet<int> seen = [];
        if (root.Find("added_tokens") is not { } rows) return added;
        foreach (JsonField row in rows.Items())
        {
            int id = row.Required("id").Count();
            AddedToken token = new(id, row.Required("content").String())
            {
                Special = row.Find("special")?.Boolean() ?? false,
                StripLeft = row.Find("lstrip")?.Boolean() ?? false,
                StripRight = row.Find("rstrip")?.Boolean() ?? false,
                SingleWord = row.Find("single_word")?.Boolean() ?? false,
                Normalized = row.Find("normalized")?.Boolean() ?? true,
            };
            if (token.Content.Length == 0) continue;
            if (!seen.Add(id))
                throw new CaravanException($"{row.Place} gives the id {id} to a second added token, '{token.Content}'; every id may be given once.");
            vocabulary.AddToken(token, row.Place);
            added.Add(token);
        }

        return added;
    }
}
