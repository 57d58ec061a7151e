namespace Caravan.Text;

/// <summary>
/// The pre-tokenizers that GGUF knows by name (<c>tokenizer.ggml.pre</c>), spelled as the tokenizer.json of the models spells them.
/// Facts: llama.cpp's table of names, and the tokenizer.json files its converter recognises them by.
/// </summary>
internal static class NamedPreTokenizers
{
    private const string Contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Symbols = @" ?[^\s\p{L}\p{N}]+[\r\n]*";
    private const string Blanks = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string NoHan = @"&&[^\p{Han}]";
    private const string UpperNotHan = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}" + NoHan + "]";
    private const string LowerNotHan = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}" + NoHan + "]";
    private const string Lead = @"[^\r\n\p{L}\p{N}]?";

    private const string Llama3 = Contraction + "|" + Lead + @"\p{L}+|\p{N}{1,3}|" + Symbols + "|" + Blanks;
    private const string Qwen2 = Contraction + "|" + Lead + @"\p{L}+|\p{N}|" + Symbols + "|" + Blanks;
    private const string Qwen35 = Contraction + "|" + Lead + @"[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + Blanks;
    private const string Tekken =
        Lead + Upper + "*" + Lower + "+|" + Lead + Upper + "+" + Lower + @"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Blanks;
    private const string Gpt4o =
        Lead + Upper + "*" + Lower + "+" + Contraction + "?|" + Lead + Upper + "+" + Lower + "*" + Contraction
        + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Blanks;
    private const string Youtu =
        Lead + Upper + "*" + Lower + "+" + Contraction + "?|" + Lead + Upper + "+" + Lower + "*" + Contraction
        + @"?|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Blanks;
    private const string KimiK2 =
        @"\p{Han}+|" + Lead + UpperNotHan + "*" + LowerNotHan + "+" + Contraction + "?|" + Lead + UpperNotHan + "+" + LowerNotHan + "*"
        + Contraction + @"?|\p{N}{1,3}|" + Symbols + "|" + Blanks;
    private const string DeepSeek3 =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|" + Blanks;
    private const string Bailing =
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";
    private const string SeedCoder = Contraction + "|" + Lead + @"\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + Blanks;
    private const string ExaoneMoe =
        Contraction + "|" + Lead + @"(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+";
    private const string Jais2 =
        Contraction + "|" + Lead + @"\p{L}+|\p{N}{1,3}|" + Symbols
        + @"|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}";
    private const string Bloom = @" ?[^(\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+";
    private const string Ideographs = @"[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
    private const string IdeographsAndKana = @"[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

    private const string DeepSeekLetters =
        @"\s?"
        + @"[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377"
        + @"\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-"
        + @"\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-"
        + @"\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-"
        + @"\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115"
        + @"\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B"
        + @"\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF"
        + @"\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\x{10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-"
        + @"\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}\x{1E900}-\x{1E943}]+";

    private const string YoutuScripts =
        @"[\uAC00-\uD7A3\u3131-\u318E]+|[\uFF01\u2026\u201C\u201D\u2018\u2019\u2014\uFF1A\uFF1B\uFF0C\u3001-\u303F\uFE30-\uFE4F]+|"
        + @"[\u3105-\u312F]+|[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

    private const string AfmoeScripts =
        @"[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF\u0E40-\u0E7F\u0E80-\u0EFF"
        + @"\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF\u1100-\u11FF]+";

    /// <summary>How models with a name cut their text.</summary>
    internal sealed record Entry(PreTokenizer PreTokenizer)
    {
        /// <summary>What comes before cutting.</summary>
        public Normalizer? Normalizer { get; init; }

        /// <summary>Whether a segment that is a piece is taken whole.</summary>
        public bool IgnoresMerges { get; init; }

        /// <summary>Whether the beginning-of-text token is put first when the file does not say.</summary>
        public bool AddsBos { get; init; }
    }

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "default", "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert",
        "jina-v1-en", "jina-v2-code", "roberta-bpe", "exaone4", "jais", "trillion", "granite-docling", "mpt", "olmo", "llama3", "llama-v3",
        "llama-bpe", "laguna", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "dbrx", "smaug-bpe", "glm4", "chatglm-bpe",
        "jais-2", "deepseek-llm", "deepseek-coder", "deepseek-v3", "hunyuan-dense", "joyai-llm", "youtu", "falcon", "starcoder", "refact", "smollm",
        "codeshell", "exaone", "minerva-7b", "mellum2", "command-r", "cohere2_moe", "qwen2", "deepseek-r1-qwen", "kormo", "openpangu", "f2llmv2",
        "megrez", "qwen35", "stablelm2", "hunyuan", "solar-open", "grok-2", "bloom", "poro-chat", "gpt3-finnish", "viking", "tekken", "chameleon",
        "gpt-4o", "llama4", "kanana2", "minimax-m2", "tiny_aya", "kimi-k2", "superbpe", "bailingmoe", "bailingmoe2", "llada-moe", "seed-coder",
        "afmoe", "exaone-moe",
    ];

    /// <summary>The entry of a name, or null when the name is not known.</summary>
    public static Entry? Find(string name) => name switch
    {
        "default" => Falcon(@"\p{N}+"),
        "gpt-2" or "phi-2" or "jina-es" or "jina-de" or "gigachat" or "jina-v2-es" or "jina-v2-de" or "a.x-4.0" or "mellum" or "modern-bert"
            or "jina-v1-en" or "jina-v2-code" or "roberta-bpe" or "exaone4" or "jais" or "trillion" or "granite-docling" =>
            new Entry(new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: true)),
        "mpt" or "olmo" => new Entry(new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: true)) { Normalizer = new FormNormalizer(UnicodeForm.Nfc) },
        "llama3" or "llama-v3" or "llama-bpe" or "laguna" or "falcon3" or "falcon-h1" or "pixtral" or "midm-2.0" or "lfm2" or "jina-v5-nano" =>
            Splits(Llama3) with { IgnoresMerges = true, AddsBos = true },
        "dbrx" or "smaug-bpe" or "glm4" or "chatglm-bpe" => Splits(Llama3),
        "jais-2" => Splits(Jais2),
        "deepseek-llm" => DeepSeek(DeepSeekLetters, @"\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+", @"\s+$"),
        "deepseek-coder" => DeepSeek(@"\s?\p{L}+", @"\s?\p{P}+"),
        "deepseek-v3" or "hunyuan-dense" or "joyai-llm" => Splits(@"\p{N}{1,3}", IdeographsAndKana, DeepSeek3),
        "youtu" => Splits(YoutuScripts, Youtu) with { IgnoresMerges = true },
        "falcon" => Falcon(null),
        "starcoder" or "refact" or "smollm" or "codeshell" or "exaone" or "minerva-7b" or "mellum2" => Digits(null),
        "command-r" or "cohere2_moe" => Digits(new FormNormalizer(UnicodeForm.Nfc)),
        "qwen2" or "deepseek-r1-qwen" or "kormo" or "openpangu" or "f2llmv2" or "megrez" =>
            Splits(Qwen2) with { Normalizer = new FormNormalizer(UnicodeForm.Nfc) },
        "qwen35" => Splits(Qwen35) with { Normalizer = new FormNormalizer(UnicodeForm.Nfc) },
        "stablelm2" or "hunyuan" or "solar-open" or "grok-2" => Splits(Qwen2),
        "bloom" or "poro-chat" or "gpt3-finnish" => Splits(Bloom),
        "viking" => Splits(Bloom, @"\p{N}"),
        "tekken" => Splits(Tekken) with { IgnoresMerges = true, AddsBos = true },
        "chameleon" => Splits(
            "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"([\t\n]|    |  )", @"\p{N}", @"[\p{P}!-/:-@\[-`{-~]",
            ByteLevelPreTokenizer.Expression) with
        { AddsBos = true },
        "gpt-4o" or "llama4" or "kanana2" or "minimax-m2" => Splits(Gpt4o),
        "tiny_aya" => Splits(SplitPreTokenizer.GroupsBeforeBoundary, Gpt4o),
        "kimi-k2" => Splits(KimiK2),
        "superbpe" => Splits(@"\p{N}+", SplitPreTokenizer.GroupsOfThree),
        "bailingmoe" or "bailingmoe2" or "llada-moe" => Splits(Bailing),
        "seed-coder" => Splits(SeedCoder),
        "afmoe" => Splits(SplitPreTokenizer.GroupsBeforeBoundary, AfmoeScripts, DeepSeek3),
        "exaone-moe" => Splits(ExaoneMoe),
        _ => null,
    };

    private static Entry Splits(params string[] expressions) => new(new SequencePreTokenizer(
        [.. expressions.Select(SplitPreTokenizer.Isolate), new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: false)]));

    private static Entry Digits(Normalizer? normalizer) =>
        new(new SequencePreTokenizer([new DigitsPreTokenizer(Individual: true), new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: true)]))
        {
            Normalizer = normalizer,
        };

    private static Entry DeepSeek(params string[] expressions) => new(new SequencePreTokenizer(
    [
        SplitPreTokenizer.Isolate(@"[\r\n]"), .. expressions.Select(SplitPreTokenizer.Isolate), SplitPreTokenizer.Isolate(Ideographs),
        new DigitsPreTokenizer(Individual: true), new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: false),
    ]));

    /// <summary>
    /// Falcon's steps. Its tokenizer.json turns bytes into characters before it looks for digits, so the characters that stand for the bytes
    /// B2, B3, B9 and BC to BE count as numbers there; llama.cpp's default, with its own step for numbers, looks at the text instead.
    /// </summary>
    private static Entry Falcon(string? numbers) => new(new SequencePreTokenizer(numbers is null
        ?
        [
            new PunctuationPreTokenizer(SplitBehavior.Contiguous), new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: true),
            new DigitsPreTokenizer(Individual: false), SplitPreTokenizer.Isolate("[0-9][0-9][0-9]"),
        ]
        :
        [
            new PunctuationPreTokenizer(SplitBehavior.Contiguous), SplitPreTokenizer.Isolate(ByteLevelPreTokenizer.Expression),
            SplitPreTokenizer.Isolate(numbers), SplitPreTokenizer.Isolate("[0-9][0-9][0-9]"),
            new ByteLevelPreTokenizer(AddPrefixSpace: false, UseRegex: false),
        ]));
}
