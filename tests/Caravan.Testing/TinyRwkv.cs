using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>A small random RWKV-5 or RWKV-6, for which there is no fixture, as a Hugging Face folder under the published names.</summary>
public sealed class TinyRwkv
{
    private const int Layers = 2, Vocabulary = 40, HeadSize = 4, MixRank = 32, DecayRank = 64;

    private readonly RandomWeights weights = new();
    private readonly int hidden;

    private TinyRwkv(int version, int hidden)
    {
        this.hidden = hidden;
        weights.Matrix("rwkv.embeddings.weight", Vocabulary, hidden);
        Norm("rwkv.blocks.0.pre_ln");
        for (int n = 0; n < Layers; n++) AddLayer($"rwkv.blocks.{n}.", version);
        Norm("rwkv.ln_out");
        weights.Matrix("head.weight", Vocabulary, hidden);
    }

    /// <summary>Writes one into a folder, which is made where it is missing.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="version">5 or 6.</param>
    /// <param name="hidden">Features of the residual stream, a multiple of 4.</param>
    /// <returns>Its weights by name.</returns>
    public static IReadOnlyDictionary<string, (long[] Shape, float[] Values)> Write(string folder, int version, int hidden = 16)
    {
        TinyRwkv model = new(version, hidden);
        JsonObject config = new()
        {
            ["model_type"] = $"rwkv{version}", ["model_version"] = version == 5 ? "5_2" : "6_0", ["vocab_size"] = Vocabulary, ["hidden_size"] = hidden,
            ["attention_hidden_size"] = hidden, ["num_hidden_layers"] = Layers, ["num_attention_heads"] = 64, ["head_size"] = HeadSize, ["head_size_divisor"] = 8,
            ["intermediate_size"] = 2 * hidden, ["layer_norm_epsilon"] = 1e-5, ["rescale_every"] = 6, ["tie_word_embeddings"] = false,
        };
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        model.weights.Write(Path.Combine(folder, "model.safetensors"));
        return model.weights.Tensors;
    }

    private void AddLayer(string at, int version)
    {
        string attention = at + "attention.", feedForward = at + "feed_forward.", mix = version == 5 ? "time_mix_" : "time_maa_";
        Norm(at + "ln1");
        Norm(at + "ln2");
        Norm(attention + "ln_x");
        foreach (string part in (string[])["key", "value", "receptance", "gate", "output"]) weights.Matrix($"{attention}{part}.weight", hidden, hidden);
        foreach (string part in version == 5 ? (string[])["key", "value", "receptance", "gate"] : ["x", "w", "k", "v", "r", "g"]) weights.Between(attention + mix + part, 0, 1, 1, 1, hidden);
        foreach (string part in version == 5 ? (string[])["key", "receptance"] : ["k", "r"]) weights.Between(feedForward + mix + part, 0, 1, 1, 1, hidden);
        weights.Between(attention + "time_faaaa", -1, 1, hidden / HeadSize, HeadSize);
        weights.Between(attention + "time_decay", -3, 0.5, version == 5 ? [hidden / HeadSize, HeadSize] : [1, 1, hidden]);
        if (version == 6)
        {
            weights.Matrix(attention + "time_maa_w1", hidden, 5 * MixRank);
            weights.Matrix(attention + "time_maa_w2", 5, MixRank, hidden);
            weights.Matrix(attention + "time_decay_w1", hidden, DecayRank);
            weights.Matrix(attention + "time_decay_w2", DecayRank, hidden);
        }

        weights.Matrix(feedForward + "key.weight", 2 * hidden, hidden);
        weights.Matrix(feedForward + "receptance.weight", hidden, hidden);
        weights.Matrix(feedForward + "value.weight", hidden, 2 * hidden);
    }

    private void Norm(string name)
    {
        weights.Between(name + ".weight", 0.8, 1.2, hidden);
        weights.Between(name + ".bias", -0.5, 0.5, hidden);
    }
}
