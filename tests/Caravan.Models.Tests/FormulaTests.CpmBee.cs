using System.Text.Json.Nodes;

namespace Caravan.Models.Tests;

/// <summary>CPM-Bee.</summary>
public sealed partial class FormulaTests
{
    /// <summary>Heads whose features together are more than the model's; biases of eight buckets, four of them for keys before the query, and of five pairs of segments. Weights are around 1.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("[[false, false], [false, false]]")]
    [InlineData("[[false, true], [true, false]]")]
    [InlineData("[[true, true], [false, false]]")]
    public void CpmBee(string? cut)
    {
        const int Heads = 3, Size = 6, Buckets = 8;
        const string Embedding = "cpmbee.input_embedding.weight", Biases = "cpmbee.position_bias.relative_attention_bias", Last = "cpmbee.encoder.output_layernorm.weight";
        int[] bucketOf = [0, 1, 2, 2, 3, 3, 3, 3];
        bool[] first = new bool[Layers], second = new bool[Layers];
        AddUnit(Embedding, Vocabulary, Hidden);
        Add(Biases, Buckets + 5, Heads);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"cpmbee.encoder.layers.{n}.";
            JsonNode? halves = cut is null ? null : JsonNode.Parse(cut)![n];
            first[n] = !(bool?)halves?[0] ?? true;
            second[n] = !(bool?)halves?[1] ?? true;
            if (first[n])
            {
                Add(at + "self_att.layernorm_before_attention.weight", Hidden);
                foreach (string part in (string[])["q", "k", "v"]) AddUnit($"{at}self_att.self_attention.project_{part}.weight", Heads * Size, Hidden);
                AddUnit(at + "self_att.self_attention.attention_out.weight", Hidden, Heads * Size);
            }

            if (!second[n]) continue;
            Add(at + "ffn.layernorm_before_ffn.weight", Hidden);
            foreach (string part in (string[])["w_0", "w_1"]) AddUnit($"{at}ffn.ffn.w_in.{part}.weight", Width, Hidden);
            AddUnit(at + "ffn.ffn.w_out.weight", Hidden, Width);
        }

        Add(Last, Hidden);
        Save("cpmbee", json =>
        {
            foreach (string other in (string[])["num_key_value_heads", "intermediate_size", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings"]) json.Remove(other);
            (json["num_attention_heads"], json["dim_head"], json["dim_ff"], json["eps"], json["distance_scale"]) = (Heads, Size, Width, 1e-4, 16);
            (json["position_bias_num_buckets"], json["position_bias_num_segment_buckets"], json["position_bias_max_distance"]) = (Buckets, 5, 6);
            json["mask_modules"] = cut is null ? null : JsonNode.Parse(cut);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Scaled(Row(Embedding, token), 1 / Math.Sqrt(Hidden)))];
            for (int n = 0; n < Layers; n++)
            {
                string half = $"cpmbee.encoder.layers.{n}.self_att.", attention = half + "self_attention.";
                if (first[n])
                {
                    double[][] normed = Norms(x, half + "layernorm_before_attention.weight", 1e-4);
                    double[][] mixed = Mixed(Unit(attention + "project_q.weight", normed), Unit(attention + "project_k.weight", normed), Unit(attention + "project_v.weight", normed));
                    x = Damped(x, Unit(attention + "attention_out.weight", mixed));
                }

                if (!second[n]) continue;
                half = $"cpmbee.encoder.layers.{n}.ffn.";
                double[][] rows = Norms(x, half + "layernorm_before_ffn.weight", 1e-4);
                double[][] inner = [.. Unit(half + "ffn.w_in.w_0.weight", rows).Zip(Unit(half + "ffn.w_in.w_1.weight", rows), (gates, ups) => gates.Zip(ups, (gate, up) => Gelu(gate) * up).ToArray())];
                x = Damped(x, Unit(half + "ffn.w_out.weight", inner));
            }

            return Unit(Embedding, Norms(x, Last, 1e-4));
        });

        static double[][] Damped(double[][] x, double[][] branch) => [.. Sum(x, branch).Select(row => Scaled(row, 1 / 1.05))];

        double[][] Unit(string matrix, double[][] x) => [.. Times(matrix, x).Select(row => Scaled(row, 1 / Math.Sqrt(x[0].Length)))];

        double[][] Mixed(double[][] queries, double[][] keys, double[][] values) =>
        [
            .. queries.Select((query, position) => Enumerable.Range(0, Heads).SelectMany(head =>
            {
                double[] shares = Softmax([.. Enumerable.Range(0, position + 1).Select(other =>
                    (Enumerable.Range(head * Size, Size).Sum(i => query[i] * keys[other][i]) / Math.Sqrt(Size)) + Row(Biases, bucketOf[position - other])[head])]);
                return Enumerable.Range(head * Size, Size).Select(i => shares.Select((share, other) => share * values[other][i]).Sum());
            }).ToArray()),
        ];
    }

    [Theory]
    [InlineData("[[true]]", "'mask_modules' to 'a list of 1'")]
    [InlineData("[[true, false], null]", "a list of 2 pairs")]
    [InlineData("[[1, 0], [0, 0]]", "lists of true and false")]
    [InlineData("7", "lists of true and false")]
    public void CpmBeeRefusesOtherCuts(string cut, string said)
    {
        Add("cpmbee.input_embedding.weight", Vocabulary, Hidden);
        Save("cpmbee", json => json["mask_modules"] = JsonNode.Parse(cut));
        Assert.Contains(said, Assert.Throws<CaravanException>(() => Model.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CpmBeeRefusesFeaturesWithoutPartner()
    {
        Add("cpmbee.input_embedding.weight", Vocabulary, 15);
        Save("cpmbee", json => json["hidden_size"] = 15);
        Assert.Contains("their 15 features are no pairs", Assert.Throws<CaravanException>(() => Model.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>A matrix for inputs that are divided by the root of their number.</summary>
    private void AddUnit(string name, int rows, int columns)
    {
        Add(name, rows, columns);
        double[] values = weights[name].Values;
        for (int i = 0; i < values.Length; i++) values[i] *= 4;
    }

    /// <summary>x · Φ(x), with the error function's series of positive terms: erf z = 2/√π · e^(−z²) · Σ 2ⁿ z^(2n+1) / (2n+1)!!.</summary>
    private static double Gelu(double x)
    {
        double z = x / Math.Sqrt(2), term = z, sum = z;
        for (int n = 1; n < 200; n++) sum += term *= 2 * z * z / ((2 * n) + 1);
        return 0.5 * x * (1 + (2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum));
    }
}
