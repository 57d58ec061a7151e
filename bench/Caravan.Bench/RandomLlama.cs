using System.Text.Json;
using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>A LLaMA of random weights as a Hugging Face folder.</summary>
/// <param name="Hidden">Features of the residual stream.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Heads">Heads, each with keys of its own.</param>
/// <param name="Inner">Features between the feed-forward block's matrices.</param>
/// <param name="Vocabulary">Tokens; the head is the embedding.</param>
internal sealed record RandomLlama(int Hidden, int Layers, int Heads, int Inner, int Vocabulary)
{
    /// <summary>15.2M parameters, the shape of llama2.c's stories15M.</summary>
    public static RandomLlama Stories15M { get; } = new(288, 6, 6, 768, 32_000);

    /// <summary>Writes it into a folder.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        Dictionary<string, object> config = new()
        {
            ["architectures"] = new[] { "LlamaForCausalLM" }, ["model_type"] = "llama", ["vocab_size"] = Vocabulary, ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers, ["num_attention_heads"] = Heads, ["intermediate_size"] = Inner, ["hidden_act"] = "silu",
            ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10000.0, ["max_position_embeddings"] = 2048, ["tie_word_embeddings"] = true,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(config));
        Random random = new(1);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. Tensors().Select(tensor => Source(tensor.Name, tensor.Shape, random))]);
    }

    private IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"model.layers.{n}.";
            foreach (string part in (string[])["q", "k", "v", "o"]) yield return ($"{at}self_attn.{part}_proj.weight", [Hidden, Hidden]);
            foreach (string part in (string[])["gate", "up"]) yield return ($"{at}mlp.{part}_proj.weight", [Inner, Hidden]);
            yield return ($"{at}mlp.down_proj.weight", [Hidden, Inner]);
            yield return ($"{at}input_layernorm.weight", [Hidden]);
            yield return ($"{at}post_attention_layernorm.weight", [Hidden]);
        }

        yield return ("model.norm.weight", [Hidden]);
    }

    private static TensorSource Source(string name, long[] shape, Random random)
    {
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++) values[i] = shape.Length == 1 ? 1 : (float)(0.07 * (random.NextDouble() - 0.5));
        return new TensorSource(name, DType.F32, [.. shape], stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)));
    }
}
