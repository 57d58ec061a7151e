using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>A small random RWKV-5 or RWKV-6, for which there is no fixture, as a Hugging Face folder under the published names.</summary>
public sealed class TinyRwkv
{
    private const int Layers = 2, Vocabulary = 40, HeadSize = 4, MixRank = 32, DecayRank = 64;

    private readonly RandomCheckpoint weights = new();
    private readonly int hidden;

    private TinyRwkv(int version, int hidden)
    {
        this.hidden = hidden;
        Matrix("rwkv.embeddings.weight", Vocabulary, hidden);
        Norm("rwkv.blocks.0.pre_ln");
        for (int n = 0; n < Layers; n++) AddLayer($"rwkv.blocks.{n}.", version);
        Norm("rwkv.ln_out");
        Matrix("head.weight", Vocabulary, hidden);
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
        model.weights.Save(folder, config);
        return model.weights.Weights;
    }

    private void AddLayer(string at, int version)
    {
        string attention = at + "attention.", feedForward = at + "feed_forward.", mix = version == 5 ? "time_mix_" : "time_maa_";
        Norm(at + "ln1");
        Norm(at + "ln2");
        Norm(attention + "ln_x");
        foreach (string part in (string[])["key", "value", "receptance", "gate", "output"]) Matrix($"{attention}{part}.weight", hidden, hidden);
        foreach (string part in version == 5 ? (string[])["key", "value", "receptance", "gate"] : ["x", "w", "k", "v", "r", "g"]) Between(attention + mix + part, 0, 1, 1, 1, hidden);
        foreach (string part in version == 5 ? (string[])["key", "receptance"] : ["k", "r"]) Between(feedForward + mix + part, 0, 1, 1, 1, hidden);
        Between(attention + "time_faaaa", -1, 1, hidden / HeadSize, HeadSize);
        Between(attention + "time_decay", -3, 0.5, version == 5 ? [hidden / HeadSize, HeadSize] : [1, 1, hidden]);
        if (version == 6)
        {
            Matrix(attention + "time_maa_w1", hidden, 5 * MixRank);
            Matrix(attention + "time_maa_w2", 5, MixRank, hidden);
            Matrix(attention + "time_decay_w1", hidden, DecayRank);
            Matrix(attention + "time_decay_w2", DecayRank, hidden);
        }

        Matrix(feedForward + "key.weight", 2 * hidden, hidden);
        Matrix(feedForward + "receptance.weight", hidden, hidden);
        Matrix(feedForward + "value.weight", hidden, 2 * hidden);
    }

    private void Norm(string name)
    {
        Between(name + ".weight", 0.8, 1.2, hidden);
        Between(name + ".bias", -0.5, 0.5, hidden);
    }

    private void Matrix(string name, params long[] shape) => weights.Matrix(name, 2, shape);

    private void Between(string name, double low, double high, params long[] shape) => weights.Between(name, low, high, shape);
}
