using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>
/// A small random LLaMA with a byte-level tokenizer and a chat template with tools, as a Hugging Face folder: it says nothing of meaning, but
/// everything that has to do with serving, sampling and grammars works on it.
/// </summary>
public static class TinyLlama
{
    private const int Layers = 2, Hidden = 64, Heads = 4, KeyValueHeads = 2, Inner = 128;

    private static readonly string[] Special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];

    private static readonly string[] Words =
    [
        "th", "the", "in", "an", "and", "er", "\":", "{\"", "\",", "\"}", " a", " t", " the", " {", " \"", "name", "ar", "gu", "on", "re", "true", "false", "null", "00", "12",
    ];

    // Renders messages in ChatML, tools as Hermes and Qwen describe them.
    private const string Template =
        "{%- if tools %}{{ '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}{{ messages[0].content + '\\n\\n' }}{%- endif %}"
        + "{{ '# Tools\\n<tools>' }}{%- for tool in tools %}{{ '\\n' }}{{ tool | tojson }}{%- endfor %}{{ '\\n</tools>\\nCall with <tool_call>{\"name\": ..., \"arguments\": ...}</tool_call><|im_end|>\\n' }}"
        + "{%- elif messages[0].role == 'system' %}{{ '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}{%- endif %}"
        + "{%- for message in messages %}{%- if message.role == 'system' %}{%- elif message.role == 'tool' %}{{ '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}"
        + "{%- else %}{{ '<|im_start|>' + message.role + '\\n' }}{%- if message.content %}{{ message.content }}{%- endif %}{%- if message.tool_calls %}{%- for call in message.tool_calls %}"
        + "{{ '\\n<tool_call>\\n{\"name\": \"' + call.function.name + '\", \"arguments\": ' }}{{ call.function.arguments | tojson }}{{ '}\\n</tool_call>' }}{%- endfor %}{%- endif %}{{ '<|im_end|>\\n' }}{%- endif %}{%- endfor %}"
        + "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}";

    /// <summary>Writes one into a folder, which is made where it is missing.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="context">Tokens it says it was trained for.</param>
    public static void Write(string folder, int context = 512)
    {
        Directory.CreateDirectory(folder);
        int vocabulary = WriteTokenizer(folder);
        RandomCheckpoint weights = new();
        weights.Between("model.embed_tokens.weight", -1, 1, vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"model.layers.{n}.";
            weights.Between(at + "input_layernorm.weight", 0.8, 1.2, Hidden);
            weights.Between(at + "post_attention_layernorm.weight", 0.8, 1.2, Hidden);
            weights.Matrix(at + "self_attn.q_proj.weight", 2, Hidden, Hidden);
            weights.Matrix(at + "self_attn.k_proj.weight", 2, Hidden * KeyValueHeads / Heads, Hidden);
            weights.Matrix(at + "self_attn.v_proj.weight", 2, Hidden * KeyValueHeads / Heads, Hidden);
            weights.Matrix(at + "self_attn.o_proj.weight", 2, Hidden, Hidden);
            weights.Matrix(at + "mlp.gate_proj.weight", 2, Inner, Hidden);
            weights.Matrix(at + "mlp.up_proj.weight", 2, Inner, Hidden);
            weights.Matrix(at + "mlp.down_proj.weight", 2, Hidden, Inner);
        }

        weights.Between("model.norm.weight", 0.8, 1.2, Hidden);
        weights.Matrix("lm_head.weight", 2, vocabulary, Hidden);
        JsonObject config = new()
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"), ["model_type"] = "llama", ["vocab_size"] = vocabulary, ["hidden_size"] = Hidden, ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads, ["num_key_value_heads"] = KeyValueHeads, ["intermediate_size"] = Inner, ["hidden_act"] = "silu", ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000.0, ["max_position_embeddings"] = context, ["tie_word_embeddings"] = false,
        };
        weights.Save(folder, config);
    }

    /// <summary>Byte-level BPE as GPT-2 has it: a letter for each byte, some merges, control tokens.</summary>
    private static int WriteTokenizer(string folder)
    {
        JsonObject vocabulary = [];
        JsonArray merges = [];
        for (int value = 0; value < 256; value++) vocabulary[Letter(value).ToString()] = vocabulary.Count;
        foreach (string word in Words)
        {
            string spelled = string.Concat(word.Select(letter => Letter(letter)));
            for (int length = 2; length <= spelled.Length; length++)
            {
                if (vocabulary.ContainsKey(spelled[..length])) continue;
                vocabulary[spelled[..length]] = vocabulary.Count;
                merges.Add($"{spelled[..(length - 1)]} {spelled[length - 1]}");
            }
        }

        JsonArray added = [];
        foreach (string token in Special)
        {
            added.Add(new JsonObject
            {
                ["id"] = vocabulary.Count + added.Count, ["content"] = token, ["special"] = true, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
            });
        }

        int count = vocabulary.Count + added.Count;
        JsonObject tokenizer = new()
        {
            ["version"] = "1.0", ["truncation"] = null, ["padding"] = null, ["added_tokens"] = added, ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = merges },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
        JsonObject settings = new()
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast", ["bos_token"] = "<|endoftext|>", ["eos_token"] = "<|im_end|>", ["add_bos_token"] = false, ["chat_template"] = Template,
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), settings.ToJsonString());
        return count;
    }

    /// <summary>The letter that stands for a byte: itself where it can be seen, else one from 256 on.</summary>
    private static char Letter(int value)
    {
        int unseen = 0;
        for (int other = 0; other < value; other++)
            if (!IsSeen(other)) unseen++;
        return (char)(IsSeen(value) ? value : 256 + unseen);
    }

    private static bool IsSeen(int value) => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
}
