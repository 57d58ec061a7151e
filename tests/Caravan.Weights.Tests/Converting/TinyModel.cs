using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Writes small random llamas as Hugging Face folders, with experts where they are asked for.</summary>
internal static class TinyModel
{
    public const int Heads = 4, KeyValueHeads = 2, Vocabulary = 64, Layers = 2;

    /// <summary>A folder with a config that <paramref name="change"/> may alter, and weights that <paramref name="spoil"/> may.</summary>
    public static string Write(
        TemporaryFolder folder, string name, int hidden = 256, Action<JsonObject>? change = null, Action<string, float[]>? spoil = null, int experts = 0)
    {
        string path = folder.File(name);
        Directory.CreateDirectory(path);
        JsonObject config = new()
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = Vocabulary,
            ["hidden_size"] = hidden,
            ["intermediate_size"] = 2 * hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["max_position_embeddings"] = 64,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000.0,
            ["tie_word_embeddings"] = false,
            ["torch_dtype"] = "float32",
            ["transformers_version"] = "4.46.0",
        };
        if (experts > 0) (config["model_type"], config["num_local_experts"], config["num_experts_per_tok"]) = ("mixtral", experts, 2);
        change?.Invoke(config);
        File.WriteAllText(Path.Combine(path, "config.json"), config.ToJsonString());
        SafetensorsWriter.WriteFolder(path, [.. Tensors(hidden, experts, spoil)]);
        return path;
    }

    private static IEnumerable<TensorSource> Tensors(int hidden, int experts, Action<string, float[]>? spoil)
    {
        int keys = hidden / Heads * KeyValueHeads;
        yield return Tensor("model.embed_tokens.weight", Vocabulary, hidden);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return Tensor(prefix + "input_layernorm.weight", hidden);
            yield return Tensor(prefix + "self_attn.q_proj.weight", hidden, hidden);
            yield return Tensor(prefix + "self_attn.k_proj.weight", keys, hidden);
            yield return Tensor(prefix + "self_attn.v_proj.weight", keys, hidden);
            yield return Tensor(prefix + "self_attn.o_proj.weight", hidden, hidden);
            yield return Tensor(prefix + "post_attention_layernorm.weight", hidden);
            if (experts > 0) yield return Tensor(prefix + "block_sparse_moe.gate.weight", experts, hidden);
            string[] blocks = experts == 0 ? ["mlp."] : [.. Enumerable.Range(0, experts).Select(expert => $"block_sparse_moe.experts.{expert}.")];
            foreach (string block in blocks)
            {
                yield return Tensor(prefix + block + (experts == 0 ? "gate_proj.weight" : "w1.weight"), 2 * hidden, hidden);
                yield return Tensor(prefix + block + (experts == 0 ? "up_proj.weight" : "w3.weight"), 2 * hidden, hidden);
                yield return Tensor(prefix + block + (experts == 0 ? "down_proj.weight" : "w2.weight"), hidden, 2 * hidden);
            }
        }

        yield return Tensor("model.norm.weight", hidden);
        yield return Tensor("lm_head.weight", Vocabulary, hidden);

        TensorSource Tensor(string name, params long[] shape)
        {
            float[] values = Values(name, shape);
            spoil?.Invoke(name, values);
            byte[] bytes = new byte[values.Length * sizeof(float)];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            return new TensorSource(name, DType.F32, [.. shape], stream => stream.Write(bytes));
        }
    }

    private static float[] Values(string name, long[] shape)
    {
        Random random = new(name.Sum(letter => letter * 31));
        float[] values = new float[shape.Aggregate(1L, (product, dimension) => product * dimension)];
        for (int i = 0; i < values.Length; i++)
            values[i] = shape.Length == 1 ? 1 + (0.1f * random.NextSingle()) : (random.NextSingle() - 0.5f) * 4 / MathF.Sqrt(shape[^1]);
        return values;
    }
}
