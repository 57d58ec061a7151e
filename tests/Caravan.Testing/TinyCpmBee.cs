using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>A small random CPM-Bee, for which there is no fixture, as a Hugging Face folder with vocabulary under the published names.</summary>
public static class TinyCpmBee
{
    private const int Hidden = 16, Heads = 2, Size = 8, Width = 24, Layers = 2, Buckets = 8, Relations = 40;

    /// <summary>The vocabulary, a piece a line.</summary>
    private static readonly string[] Pieces =
    [
        "<pad>", "<unk>", "<mask>", "<sep>", "</n>", "</_>", "<s>", "</s>", "<root>", "<ans>", "<option>", "input", "question", "prompt",
        .. Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()), ".", ",", "?", ":", "_", "<", ">",
    ];

    /// <summary>Writes one into a folder, which is made where it is missing.</summary>
    public static void Write(string folder)
    {
        RandomCheckpoint weights = new();
        const string top = "cpmbee.";
        weights.Matrix(top + "input_embedding.weight", 4, Pieces.Length, Hidden);
        weights.Between(top + "position_bias.relative_attention_bias", -2, 2, Buckets + Relations, Heads);
        for (int n = 0; n < Layers; n++)
        {
            string attention = $"{top}encoder.layers.{n}.self_att.", feedForward = $"{top}encoder.layers.{n}.ffn.";
            weights.Between(attention + "layernorm_before_attention.weight", 0.8, 1.2, Hidden);
            foreach (string part in (string[])["q", "k", "v"]) weights.Matrix($"{attention}self_attention.project_{part}.weight", 8, Heads * Size, Hidden);
            weights.Matrix(attention + "self_attention.attention_out.weight", 8, Hidden, Heads * Size);
            weights.Between(feedForward + "layernorm_before_ffn.weight", 0.8, 1.2, Hidden);
            foreach (string part in (string[])["w_0", "w_1"]) weights.Matrix($"{feedForward}ffn.w_in.{part}.weight", 8, Width, Hidden);
            weights.Matrix(feedForward + "ffn.w_out.weight", 8, Hidden, Width);
        }

        weights.Between(top + "encoder.output_layernorm.weight", 4, 6, Hidden);
        JsonObject config = new()
        {
            ["model_type"] = "cpmbee", ["vocab_size"] = Pieces.Length, ["hidden_size"] = Hidden, ["num_hidden_layers"] = Layers, ["num_attention_heads"] = Heads,
            ["dim_head"] = Size, ["dim_ff"] = Width, ["eps"] = 1e-6, ["position_bias_num_buckets"] = Buckets, ["position_bias_num_segment_buckets"] = Relations,
            ["position_bias_max_distance"] = 128, ["distance_scale"] = 16,
        };
        weights.Save(folder, config);
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', Pieces) + "\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"tokenizer_class": "CpmBeeTokenizer"}""");
    }
}
