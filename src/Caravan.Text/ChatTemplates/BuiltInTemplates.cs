namespace Caravan.Text;

/// <summary>The chat templates in <c>BuiltIn/</c>, and which models they are for.</summary>
internal static class BuiltInTemplates
{
    /// <summary>For models of which nothing is known: a transcript that any model can continue.</summary>
    public static readonly BuiltInTemplate Plain = new("plain", []);

    /// <summary>All of them. Where several fit a vocabulary, the first counts: those that ask for more tokens stand first.</summary>
    public static IReadOnlyList<BuiltInTemplate> All { get; } =
    [
        new("command-r", ["<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"], "command-r", "c4ai", "aya-"),
        new("llama-3", ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], "llama-3", "llama3"),
        new("gemma", ["<start_of_turn>", "<end_of_turn>"], "gemma"),
        new("chatglm3", ["[gMASK]", "sop", "<|user|>", "<|assistant|>"], "chatglm3"),
        new("glm-4", ["[gMASK]", "<sop>", "<|user|>", "<|assistant|>"], "glm-4", "glm4"),
        new("chatglm2", ["[gMASK]", "sop"], "chatglm2", "codegeex2"),
        new("chatglm", ["[gMASK]", "<sop>"], "chatglm", "visualglm"),
        new("phi-3", ["<|user|>", "<|assistant|>", "<|end|>", "<|endoftext|>"], "phi-3", "phi3"),
        new("cpm-bee", ["<root>", "<ans>", "<option>"], "cpm-bee"),
        new("starchat", [], "starchat"),
        new("openchat", ["<|end_of_turn|>"], "openchat-3", "openchat_3", "openchat3", "starling"),
        new("moss", ["<|Human|>", "<|MOSS|>", "<eoh>"], "moss"),
        new("internlm", ["<|User|>", "<|Bot|>", "<eoa>"], "internlm-"),
        new("yayi", ["<|Human|>", "<|YaYi|>"], "yayi"),
        new("telechat", ["<_user>", "<_bot>", "<_end>"], "telechat"),
        new("bluelm", ["[|Human|]:", "[|AI|]:"], "bluelm"),
        new("openassistant", ["<|prompter|>", "<|assistant|>"], "oasst", "openassistant"),
        new("stablelm", ["<|SYSTEM|>", "<|USER|>", "<|ASSISTANT|>"], "stablelm-tuned"),
        new("chatml", ["<|im_start|>", "<|im_end|>"],
            "qwen", "yi-", "internlm2", "mpt-7b-chat", "mpt-30b-chat", "orca-2", "openhermes", "hermes-2", "dolphin", "dbrx"),
        new("caravan", [], "caravan"),
        new("stablelm-zephyr", [], "stablelm-zephyr"),
        new("zephyr", [], "zephyr", "tinyllama"),
        new("deepseek-coder", [], "deepseek-coder"),
        new("deepseek", [], "deepseek"),
        new("baichuan2", [], "baichuan2"),
        new("baichuan", [], "baichuan"),
        new("falcon-chat", [], "falcon-180"),
        new("falcon", [], "falcon"),
        new("stable-vicuna", [], "stable-vicuna", "stablevicuna"),
        new("vicuna", [], "vicuna", "wizardlm", "xwin", "longchat", "fastchat", "lmsys"),
        new("koala", [], "koala"),
        new("belle", [], "belle"),
        new("firefly", [], "firefly"),
        new("ziya", [], "ziya"),
        new("tigerbot", [], "tigerbot"),
        new("xverse", [], "xverse"),
        new("aquila", [], "aquila"),
        new("guanaco", [], "guanaco"),
        new("dolly", [], "dolly"),
        new("orion", [], "orion"),
        new("rwkv-world", [], "rwkv"),
        new("tulu", [], "tulu"),
        new("phoenix", [], "phoenix"),
        new("robin", [], "robin"),
        new("baize", [], "baize"),
        new("redpajama", [], "redpajama", "incite", "openchatkit"),
        new("solar", [], "solar"),
        new("billa", [], "billa"),
        new("atom", [], "atom-"),
        new("minicpm", [], "minicpm"),
        new("xuanyuan", [], "xuanyuan"),
        new("yuan2", [], "yuan2", "yuan-2"),
        new("llama-2", [], "chinese-alpaca-2", "llama-2", "llama2", "codellama"),
        new("alpaca", [], "alpaca", "wizardcoder", "wizardmath"),
        new("mistral", [], "mistral", "mixtral"),
        Plain,
    ];

    /// <summary>The template of that name, or null.</summary>
    public static BuiltInTemplate? Find(string name) => All.FirstOrDefault(template => template.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The template that a model's vocabulary or, failing that, its name speaks for, with the reason in words; null when nothing does.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="name">What the model is called: its name in the file, or the name of the file.</param>
    public static (BuiltInTemplate Template, string Reason)? Guess(Tokenizer tokenizer, string name)
    {
        foreach (BuiltInTemplate template in All)
            if (template.Tokens.Length > 0 && template.Tokens.All(token => tokenizer.TokenToId(token) is not null))
                return (template, $"the vocabulary has {string.Join(", ", template.Tokens)}");
        foreach (BuiltInTemplate template in All)
            if (template.Models.FirstOrDefault(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) is { } word)
                return (template, $"the model is called '{name}'");
        return null;
    }
}
