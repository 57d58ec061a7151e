using System.Text;
using System.Text.Json;

namespace Caravan.Text;

/// <summary>
/// Takes from the files beside a tokenizer what it does not say itself: tokenizer_config.json, special_tokens_map.json, added_tokens.json,
/// generation_config.json, config.json, chat_template.json and chat_template.jinja.
/// </summary>
internal static class TokenizerConfigFiles
{
    private static readonly string[] EndNames = ["</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "<|im_end|>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>"];

    /// <summary>The definition with what the folder's files add.</summary>
    /// <exception cref="CaravanException">A file is not JSON, or names tokens that are not there.</exception>
    public static TokenizerDefinition Apply(TokenizerDefinition definition, string folder)
    {
        JsonField? config = Open(folder, "tokenizer_config.json"), map = Open(folder, "special_tokens_map.json");
        definition = WithAdded(definition, config, Open(folder, "added_tokens.json"));
        Dictionary<string, int> ids = definition.IdsByText();
        definition = definition with
        {
            BosId = Id("bos_token") ?? definition.BosId ?? (definition.Before.Count > 0 ? definition.Before[0] : null),
            EosId = Id("eos_token") ?? definition.EosId,
            UnknownId = definition.UnknownId ?? Id("unk_token"),
            PadId = Id("pad_token") ?? definition.PadId,
            SeparatorId = Id("sep_token") ?? definition.SeparatorId,
            MaskId = Id("mask_token") ?? definition.MaskId,
        };
        definition = WithEnds(definition, folder, ids);
        if (config is { } settings) definition = WithTemplates(WithAround(definition, settings), settings);
        // Models that also take images have their template here.
        if (Open(folder, "chat_template.json") is { } processor) definition = WithTemplates(definition, processor);
        string template = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(template)) definition = definition with { ChatTemplate = Encoding.UTF8.GetString(TokenizerFiles.ReadAll(template)) };
        return definition;

        int? Id(string key) => TokenText(config, key) is { } text && ids.TryGetValue(text, out int id) ? id
            : TokenText(map, key) is { } other && ids.TryGetValue(other, out int second) ? second : null;
    }

    /// <summary>The tokenizer class a folder names, or nothing.</summary>
    public static string ClassOf(string folder) => Open(folder, "tokenizer_config.json")?.Find("tokenizer_class")?.String() ?? "";

    /// <summary>What config.json says the model is, or null.</summary>
    public static string? ModelTypeOf(string folder) => Open(folder, "config.json")?.Find("model_type") is { Kind: JsonValueKind.String } type ? type.String() : null;

    /// <summary>How many sentinels a folder says its tokenizer has, or null.</summary>
    /// <exception cref="CaravanException">There are too many to be true.</exception>
    public static int? ExtraIdsOf(string folder) => NumberOf(folder, "extra_ids");

    /// <summary>A number of tokens that tokenizer_config.json gives, or null.</summary>
    /// <exception cref="CaravanException">There are too many to be true.</exception>
    public static int? NumberOf(string folder, string key)
    {
        const int most = 1 << 20;
        if (Open(folder, "tokenizer_config.json")?.Find(key) is not { } field) return null;
        return field.Count() is <= most and int number ? number : throw field.Mismatch($"at most {most}");
    }

    /// <summary>Whether tokenizer_config.json says yes to a question; no when it says nothing.</summary>
    public static bool SaysYes(string folder, string key) => Open(folder, "tokenizer_config.json")?.Find(key)?.Boolean() ?? false;

    /// <summary>BERT's clean-up with the folder's settings.</summary>
    public static BertNormalizer BertNormalizerOf(string folder)
    {
        JsonField? config = Open(folder, "tokenizer_config.json");
        return new BertNormalizer(
            true,
            config?.Find("tokenize_chinese_chars")?.Boolean() ?? true,
            config?.Find("strip_accents")?.Boolean(),
            config?.Find("do_lower_case")?.Boolean() ?? true);
    }

    private static JsonField? Open(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path)) return null;
        JsonField field = JsonField.Parse(TokenizerFiles.ReadAll(path), path);
        return field.Kind == JsonValueKind.Object ? field : throw field.Mismatch("an object");
    }

    private static string? TokenText(JsonField? file, string key) => file?.Find(key) is not { } value ? null
        : value.Kind == JsonValueKind.String ? value.String()
        : value.Kind == JsonValueKind.Object ? value.Find("content")?.String() : null;

    private static TokenizerDefinition WithAdded(TokenizerDefinition definition, JsonField? config, JsonField? added)
    {
        // A tokenizer.json has its added tokens itself; the other forms have them here.
        bool complete = definition.Source.EndsWith(".json", StringComparison.Ordinal) && !definition.Source.EndsWith("vocab.json", StringComparison.Ordinal);
        if (complete) return definition;
        Dictionary<int, AddedToken> tokens = definition.Added.ToDictionary(token => token.Id);
        foreach ((string text, JsonField id) in added?.Members() ?? []) tokens[id.Count()] = new AddedToken(id.Count(), text);
        foreach ((string number, JsonField token) in config?.Find("added_tokens_decoder")?.Members() ?? [])
        {
            if (!int.TryParse(number, out int id) || id < 0) throw token.Mismatch("a token under a key that is its id");
            tokens[id] = new AddedToken(id, token.Required("content").String())
            {
                Special = token.Find("special")?.Boolean() ?? false,
                StripLeft = token.Find("lstrip")?.Boolean() ?? false,
                StripRight = token.Find("rstrip")?.Boolean() ?? false,
                SingleWord = token.Find("single_word")?.Boolean() ?? false,
            };
        }

        foreach (string key in new[] { "bos_token", "eos_token", "unk_token", "pad_token" })
            if (TokenText(config, key) is { } text && Array.FindIndex(definition.Pieces, piece => piece.Text == text) is >= 0 and int id)
                tokens.TryAdd(id, new AddedToken(id, text) { Special = true });
        AddedToken[] all = [.. tokens.Values.Where(token => token.Content.Length > 0).OrderBy(token => token.Id)];
        Vocabulary vocabulary = new(definition.Source);
        for (int i = 0; i < definition.Pieces.Length; i++) vocabulary.AddScored(definition.Pieces[i].Text, i, definition.Pieces[i].Score);
        foreach (AddedToken token in all) vocabulary.AddToken(token, $"'{definition.Source}' (added tokens)");
        Piece[] pieces = vocabulary.Pieces(all, definition.UnknownId, definition.ByteFallback);
        for (int i = 0; i < definition.Pieces.Length; i++)
            if (!tokens.ContainsKey(i)) pieces[i] = definition.Pieces[i];
        return definition with { Pieces = pieces, Added = all };
    }

    private static TokenizerDefinition WithEnds(TokenizerDefinition definition, string folder, Dictionary<string, int> ids)
    {
        List<int> ends = [.. definition.EndIds];
        JsonField? config = Open(folder, "config.json");
        foreach (JsonField? file in new[] { Open(folder, "generation_config.json"), config })
        {
            if (file?.Find("eos_token_id") is not { } value) continue;
            IEnumerable<JsonField> items = value.Kind == JsonValueKind.Array ? value.Items() : [value];
            // A model's vocabulary may be padded beyond the tokenizer's; an id out there is no token of ours.
            ends.AddRange(items.Where(item => item.Kind == JsonValueKind.Number).Select(item => item.Count()).Where(id => id < definition.Pieces.Length));
        }

        int? eos = definition.EosId ?? (ends.Count > 0 ? ends[0] : null);
        foreach (string name in EndNames)
            if (eos is null && ids.TryGetValue(name, out int id) && definition.Added.Any(token => token.Id == id)) eos = id;
        int? bos = definition.BosId ?? (config?.Find("bos_token_id") is { Kind: JsonValueKind.Number } first ? first.Count() : null);
        return definition with { EndIds = [.. ends.Distinct()], EosId = eos, BosId = bos < definition.Pieces.Length ? bos : null };
    }

    /// <summary>
    /// Heeds add_bos_token and add_eos_token where the model's tokenizer class does: everywhere but for a tokenizer.json whose class leaves
    /// them to its post-processor.
    /// </summary>
    private static TokenizerDefinition WithAround(TokenizerDefinition definition, JsonField config)
    {
        string name = config.Find("tokenizer_class")?.String() ?? "";
        bool heeds = name.Contains("Llama", StringComparison.Ordinal) || name.Contains("Gemma", StringComparison.Ordinal) || name.Contains("Cohere", StringComparison.Ordinal)
            || !definition.Source.EndsWith("tokenizer.json", StringComparison.Ordinal);
        if (!heeds) return definition;
        if (config.Find("add_bos_token")?.Boolean() is { } addBos && definition.BosId is { } bos)
            definition = definition with { Before = addBos ? [bos, .. definition.Before.Where(id => id != bos)] : [.. definition.Before.Where(id => id != bos)] };
        if (config.Find("add_eos_token")?.Boolean() is { } addEos && definition.EosId is { } eos)
            definition = definition with { After = addEos ? [.. definition.After.Where(id => id != eos), eos] : [.. definition.After.Where(id => id != eos)] };
        return definition;
    }

    private static TokenizerDefinition WithTemplates(TokenizerDefinition definition, JsonField config)
    {
        if (config.Find("chat_template") is not { } template) return definition;
        if (template.Kind == JsonValueKind.String) return definition with { ChatTemplate = template.String() };
        List<(string Name, string Template)> named = [];
        foreach (JsonField item in template.Items()) named.Add((item.Required("name").String(), item.Required("template").String()));
        return definition with
        {
            ChatTemplate = named.FirstOrDefault(pair => pair.Name == "default").Template ?? definition.ChatTemplate,
            NamedTemplates = [.. named.Where(pair => pair.Name != "default").DistinctBy(pair => pair.Name)],
        };
    }
}
