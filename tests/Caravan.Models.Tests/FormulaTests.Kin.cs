namespace Caravan.Models.Tests;

/// <summary>LLaMA's kin that differ by little.</summary>
public sealed partial class FormulaTests
{
    [Theory]
    [InlineData("aquila")]
    [InlineData("skywork")]
    [InlineData("nanbeige")]
    public void LlamaUnderAnotherName(string type)
    {
        AddEnds("model.norm.weight");
        for (int n = 0; n < Layers; n++) AddMlp(AddLlamaLayer(n));
        Save(type, json => json["hidden_act"] = "silu");
        CheckEverything(() => LlamaLogits("model.norm.weight", (_, at, x) => Mlp(at, Norms(x, at + "post_attention_layernorm.weight"))));
    }

    /// <summary>The norms have other names.</summary>
    [Fact]
    public void Yi()
    {
        AddEnds("model.norm.weight");
        for (int n = 0; n < Layers; n++) AddMlp(AddLlamaLayer(n, "ln1.weight", "ln2.weight"));
        Save("Yi", json => json["hidden_act"] = "silu");
        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("model.embed_tokens.weight", token))];
            for (int n = 0; n < Layers; n++) x = KinLayer(n, x, Norms, "ln1.weight", "ln2.weight");
            return Times("lm_head.weight", Norms(x, "model.norm.weight"));
        });

        double[][] Norms(double[][] x, string weight) => this.Norms(x, weight);
    }

    /// <summary>The norms subtract the mean and add a bias.</summary>
    [Fact]
    public void Orion()
    {
        AddEnds("model.norm.weight");
        Add("model.norm.bias", Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string at = AddLlamaLayer(n);
            foreach (string norm in (string[])["input_layernorm.bias", "post_attention_layernorm.bias"]) Add(at + norm, Hidden);
            AddMlp(at);
        }

        Save("orion", json => json["hidden_act"] = "silu");
        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("model.embed_tokens.weight", token))];
            for (int n = 0; n < Layers; n++) x = KinLayer(n, x, LayerNorms, "input_layernorm.weight", "post_attention_layernorm.weight");
            return Times("lm_head.weight", LayerNorms(x, "model.norm.weight"));
        });

        double[][] LayerNorms(double[][] x, string weight) => [.. x.Select(row =>
        {
            double mean = row.Average(), deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-5);
            double[] bias = weights[weight.Replace(".weight", ".bias", StringComparison.Ordinal)].Values;
            return row.Select((value, i) => ((value - mean) / deviation * weights[weight].Values[i]) + bias[i]).ToArray();
        })];
    }

    /// <summary>
    /// A query, a key and a value for each head in turn; neighbours in the first half of each head are turned together. The ratio stretches the base,
    /// but for one release positions.
    /// </summary>
    [Theory]
    [InlineData("THUDM/chatglm3-6b-32k", 1)]
    [InlineData("THUDM/chatglm2-6b-32k", 2)]
    public void ChatGlmByHead(string name, double divisor)
    {
        const string Top = "transformer.encoder.";
        Add("transformer.embedding.word_embeddings.weight", Vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"{Top}layers.{n}.";
            foreach (string norm in (string[])["input_layernorm", "post_attention_layernorm"]) Add($"{at}{norm}.weight", Hidden);
            Add(at + "self_attention.query_key_value.weight", 3 * Hidden, Hidden);
            Add(at + "self_attention.query_key_value.bias", 3 * Hidden);
            Add(at + "self_attention.dense.weight", Hidden, Hidden);
            Add(at + "mlp.dense_h_to_4h.weight", 2 * Width, Hidden);
            Add(at + "mlp.dense_4h_to_h.weight", Hidden, Width);
        }

        Add(Top + "final_layernorm.weight", Hidden);
        Add("transformer.output_layer.weight", Vocabulary, Hidden);
        Save("chatglm", json =>
        {
            foreach ((string old, string name) in new[]
            {
                ("vocab_size", "padded_vocab_size"), ("num_hidden_layers", "num_layers"), ("intermediate_size", "ffn_hidden_size"), ("rms_norm_eps", "layernorm_epsilon"),
                ("max_position_embeddings", "seq_length"),
            })
            {
                json[name] = json[old]!.DeepClone();
                json.Remove(old);
            }

            json.Remove("num_key_value_heads");
            (json["multi_query_attention"], json["kv_channels"], json["add_qkv_bias"], json["rope_ratio"], json["_name_or_path"]) = (false, Size, true, 2, name);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("transformer.embedding.word_embeddings.weight", token))];
            for (int n = 0; n < Layers; n++)
            {
                string at = $"{Top}layers.{n}.", attention = at + "self_attention.";
                double[][] fused = [.. Norms(x, at + "input_layernorm.weight").Select(row => Plus(Times(attention + "query_key_value.weight", row), weights[attention + "query_key_value.bias"].Values))];
                double[][] mixed = Attended(Rotated(Part(fused, 0)), Rotated(Part(fused, 1)), Part(fused, 2), score => score / Math.Sqrt(Size));
                x = Sum(x, Times(attention + "dense.weight", mixed));
                x = Sum(x, [.. Norms(x, at + "post_attention_layernorm.weight").Select(row =>
                {
                    double[] inner = Times(at + "mlp.dense_h_to_4h.weight", row);
                    return Times(at + "mlp.dense_4h_to_h.weight", [.. inner[..Width].Zip(inner[Width..], (gate, up) => Silu(gate) * up)]);
                })]);
            }

            return Times("transformer.output_layer.weight", Norms(x, Top + "final_layernorm.weight"));
        });

        static double[][] Part(double[][] fused, int part) => [.. fused.Select(row => row.Where((_, i) => i / Size % 3 == part).ToArray())];

        // Of four features the first two, whose angle is the position whatever the base.
        double[][] Rotated(double[][] x) => [.. x.Select((row, position) => row.Select((value, i) => (i % Size) switch
        {
            0 => (value * Math.Cos(position / divisor)) - (row[i + 1] * Math.Sin(position / divisor)),
            1 => (value * Math.Cos(position / divisor)) + (row[i - 1] * Math.Sin(position / divisor)),
            _ => value,
        }).ToArray())];
    }

    private double[][] KinLayer(int n, double[][] x, Func<double[][], string, double[][]> norms, string first, string second)
    {
        string at = $"model.layers.{n}.", attention = at + "self_attn.";
        x = Sum(x, Attention(
            norms(x, at + first), attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight", attention + "o_proj.weight",
            score => score / Math.Sqrt(Size)));
        return Sum(x, Mlp(at, norms(x, at + second)));
    }
}
