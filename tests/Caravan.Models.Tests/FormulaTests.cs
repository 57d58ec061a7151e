using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// Families without reference output: small random checkpoints under their published names against their published formulas, written out in
/// double precision.
/// </summary>
public sealed partial class FormulaTests : IDisposable
{
    private const int Hidden = 16, Heads = 4, KeyHeads = 2, Size = 4, Width = 12, Experts = 3, Vocabulary = 20, Layers = 2;

    private static readonly int[] Tokens = [3, 17, 5, 5, 11, 0, 19, 8];

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, (int Rows, int Columns, double[] Values)> weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> shapes = new(StringComparer.Ordinal);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Grok(bool otherNames)
    {
        (string Ours, string Other)[] parts =
        [
            ("pre_attn_norm.scale", "rms_norm.weight"), ("post_attn_norm.scale", "rms_norm_1.weight"), ("pre_moe_norm.scale", "rms_norm_2.weight"),
            ("post_moe_norm.scale", "rms_norm_3.weight"), ("attn.q_proj.weight", "multi_head_attention.query.weight"),
            ("attn.k_proj.weight", "multi_head_attention.key.weight"), ("attn.v_proj.weight", "multi_head_attention.value.weight"),
            ("attn.o_proj.weight", "multi_head_attention.linear.weight"), ("moe_block.gate.weight", "router.weight"),
        ];
        string top = otherNames ? "transformer.decoder_layer" : "model.layers", experts = otherNames ? "moe" : "moe_block.experts";
        (string embedding, string last) = otherNames ? ("transformer.in_out_embed.weight", "transformer.rms_norm.weight") : ("model.embed_tokens.weight", "model.norm.scale");
        string[] names = [.. parts.Select(part => otherNames ? part.Other : part.Ours)];
        Add(embedding, Vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            for (int norm = 0; norm < 4; norm++) Add($"{top}.{n}.{names[norm]}", Hidden);
            AddAttention($"{top}.{n}.{names[4]}", $"{top}.{n}.{names[5]}", $"{top}.{n}.{names[6]}", $"{top}.{n}.{names[7]}");
            Add($"{top}.{n}.{names[8]}", Experts, Hidden);
            for (int e = 0; e < Experts; e++) AddGated($"{top}.{n}.{experts}.{e}.linear.weight", $"{top}.{n}.{experts}.{e}.linear_v.weight", $"{top}.{n}.{experts}.{e}.linear_1.weight", Width);
        }

        Add(last, Hidden);
        Add("lm_head.weight", Vocabulary, Hidden);
        Save("grok-1", json =>
        {
            (json["num_experts"], json["num_experts_per_tok"]) = (Experts, 2);
            (json["attn_output_multiplier"], json["max_attn_value"], json["embedding_multiplier_scale"], json["output_multiplier_scale"]) = (0.9, 1.5, 3.25, 0.625);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Scaled(Row(embedding, token), 3.25))];
            for (int n = 0; n < Layers; n++)
            {
                string at = $"{top}.{n}.";
                double[][] mixed = Attention(Norms(x, at + names[0]), at + names[4], at + names[5], at + names[6], at + names[7], score => 1.5 * Math.Tanh(score * 0.9 / 1.5));
                x = Sum(x, Norms(mixed, at + names[1]));
                double[][] chosen = [.. Norms(x, at + names[2]).Select(row => Mixture(row, at + names[8], 2, renormalised: false, e =>
                    Gated(row, $"{at}{experts}.{e}.linear.weight", $"{at}{experts}.{e}.linear_v.weight", $"{at}{experts}.{e}.linear_1.weight", GeluTanh)))];
                x = Sum(x, Norms(chosen, at + names[3]));
            }

            return [.. Norms(x, last).Select(row => Scaled(Times("lm_head.weight", row), 0.625))];
        });
    }

    [Fact]
    public void Arctic()
    {
        Add("model.embed_tokens.weight", Vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"model.layers.{n}.";
            foreach (string norm in (string[])["input_layernorm", "residual_layernorm", "post_attention_layernorm"]) Add($"{at}{norm}.weight", Hidden);
            AddAttention(at + "self_attn.q_proj.weight", at + "self_attn.k_proj.weight", at + "self_attn.v_proj.weight", at + "self_attn.o_proj.weight");
            AddGated(at + "residual_mlp.w1.weight", at + "residual_mlp.w3.weight", at + "residual_mlp.w2.weight", Hidden);
            Add(at + "block_sparse_moe.gate.weight", Experts, Hidden);
            for (int e = 0; e < Experts; e++) AddGated($"{at}block_sparse_moe.experts.{e}.w1.weight", $"{at}block_sparse_moe.experts.{e}.w3.weight", $"{at}block_sparse_moe.experts.{e}.w2.weight", Width);
        }

        Add("model.norm.weight", Hidden);
        Add("lm_head.weight", Vocabulary, Hidden);
        Save("arctic", json => (json["num_local_experts"], json["num_experts_per_tok"], json["parallel_attn_mlp_res"], json["use_residual"]) = (Experts, 2, true, true));

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("model.embed_tokens.weight", token))];
            for (int n = 0; n < Layers; n++)
            {
                string at = $"model.layers.{n}.", experts = at + "block_sparse_moe.experts.";
                double[][] mixed = Sum(x, Attention(
                    Norms(x, at + "input_layernorm.weight"), at + "self_attn.q_proj.weight", at + "self_attn.k_proj.weight", at + "self_attn.v_proj.weight",
                    at + "self_attn.o_proj.weight", score => score / Math.Sqrt(Size)));
                mixed = Sum(mixed, [.. Norms(mixed, at + "residual_layernorm.weight").Select(row =>
                    Gated(row, at + "residual_mlp.w1.weight", at + "residual_mlp.w3.weight", at + "residual_mlp.w2.weight", Silu))]);
                x = Sum(mixed, [.. Norms(x, at + "post_attention_layernorm.weight").Select(row => Mixture(row, at + "block_sparse_moe.gate.weight", 2, renormalised: true, e =>
                    Gated(row, $"{experts}{e}.w1.weight", $"{experts}{e}.w3.weight", $"{experts}{e}.w2.weight", Silu)))]);
            }

            return [.. Norms(x, "model.norm.weight").Select(row => Times("lm_head.weight", row))];
        });
    }

    /// <summary>Queries see keys of the same head pair; the base of the rotation is 10000 · 7^(d/(d−2)) and cosines and sines are 1 + 0.1·ln(20/16) times as large.</summary>
    [Fact]
    public void TeleChatStretchesInSteps()
    {
        SteppedDynamicScaling scaling = new(8) { LeastLength = 16, Sharpened = true };
        RotarySpec rotary = new() { Dimensions = 8, Scaling = scaling };
        Assert.Equal(1.0223143551314209, scaling.AttentionFactorAt(20), 1e-12);
        Assert.Equal(1, scaling.AttentionFactorAt(12), 1e-12);
        double grown = 10_000 * Math.Pow(7, 8 / 6.0), least = 10_000 * Math.Pow(3, 8 / 6.0);
        double[] beyond = rotary.Frequencies(20), within = rotary.Frequencies(5);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(Math.Pow(grown, -i / 4.0), beyond[i], 1e-12);
            Assert.Equal(Math.Pow(least, -i / 4.0), within[i], 1e-12);
        }
    }

    [Fact]
    public void TeleChat()
    {
        Add("transformer.word_embeddings.weight", Vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"transformer.h.{n}.";
            foreach (string norm in (string[])["input_layernorm", "post_attention_layernorm"]) Add($"{at}{norm}.weight", Hidden);
            Add(at + "self_attention.query.weight", Hidden, Hidden);
            Add(at + "self_attention.key_value.weight", 2 * KeyHeads * Size, Hidden);
            Add(at + "self_attention.dense.weight", Hidden, Hidden);
            Add(at + "self_attention.dense.bias", Hidden);
            AddGated(at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight", at + "mlp.down_proj.weight", Width);
            Add(at + "mlp.down_proj.bias", Hidden);
        }

        Add("transformer.ln_f.weight", Hidden);
        Add("lm_head.weight", Vocabulary, Hidden);
        Save("telechat", json =>
        {
            foreach ((string old, string name) in new[]
            {
                ("num_hidden_layers", "n_layer"), ("num_attention_heads", "n_head"), ("intermediate_size", "ffn_hidden_size"), ("rms_norm_eps", "layer_norm_epsilon"),
                ("max_position_embeddings", "seq_length"),
            })
            {
                json[name] = json[old]!.DeepClone();
                json.Remove(old);
            }

            (json["base_seqlen"], json["training_seqlen"]) = (64, 64);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("transformer.word_embeddings.weight", token))];
            for (int n = 0; n < Layers; n++)
            {
                string at = $"transformer.h.{n}.", fused = at + "self_attention.key_value.weight";
                foreach ((string part, int first) in new[] { ("key", 0), ("value", Size) })
                {
                    // Head by head: its key above its value.
                    double[] rows = [.. Enumerable.Range(0, KeyHeads * Size).SelectMany(row => Row(fused, (row / Size * 2 * Size) + first + (row % Size)))];
                    weights[at + part] = (KeyHeads * Size, Hidden, rows);
                }

                double[][] mixed = Attention(
                    Norms(x, at + "input_layernorm.weight"), at + "self_attention.query.weight", at + "key", at + "value", at + "self_attention.dense.weight", score => score / Math.Sqrt(Size));
                x = Sum(x, [.. mixed.Select(row => Plus(row, weights[at + "self_attention.dense.bias"].Values))]);
                x = Sum(x, [.. Norms(x, at + "post_attention_layernorm.weight").Select(row => Plus(
                    Gated(row, at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight", at + "mlp.down_proj.weight", Silu), weights[at + "mlp.down_proj.bias"].Values))]);
            }

            return [.. Norms(x, "transformer.ln_f.weight").Select(row => Times("lm_head.weight", row))];
        });
    }

    private void AddAttention(string query, string key, string value, string output)
    {
        Add(query, Hidden, Hidden);
        Add(key, KeyHeads * Size, Hidden);
        Add(value, KeyHeads * Size, Hidden);
        Add(output, Hidden, Hidden);
    }

    private void AddGated(string gate, string up, string down, int width)
    {
        Add(gate, width, Hidden);
        Add(up, width, Hidden);
        Add(down, Hidden, width);
    }

    /// <summary>Matrices are about as large as keeps their results; vectors lie around 1.</summary>
    private void Add(string name, int rows, int columns = 1)
    {
        Random random = new(weights.Count);
        double scale = columns == 1 ? 0.4 : 4 / Math.Sqrt(columns), centre = columns == 1 ? 1 : 0;
        weights.Add(name, (rows, columns, [.. Enumerable.Range(0, rows * columns).Select(_ => (double)(float)(centre + (scale * (random.NextDouble() - 0.5))))]));
    }

    private void Save(string type, Action<JsonObject> change)
    {
        JsonObject json = new()
        {
            ["model_type"] = type, ["vocab_size"] = Vocabulary, ["hidden_size"] = Hidden, ["num_hidden_layers"] = Layers, ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyHeads, ["intermediate_size"] = Width, ["max_position_embeddings"] = 64, ["rms_norm_eps"] = 1e-5, ["tie_word_embeddings"] = false,
        };
        change(json);
        File.WriteAllText(folder.File("config.json"), json.ToJsonString());
        Write(folder, [.. weights.Keys], name => weights[name].Values);
    }

    private void Write(TemporaryFolder into, string[] names, Func<string, double[]> valuesOf) =>
        SafetensorsWriter.Write(into.File("model.safetensors"), [.. names.Select(name =>
        {
            float[] values = [.. valuesOf(name).Select(value => (float)value)];
            byte[] bytes = new byte[values.Length * sizeof(float)];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            (int rows, int columns, _) = weights[name];
            return new TensorSource(name, DType.F32, [.. shapes.GetValueOrDefault(name) ?? (columns == 1 ? [rows] : [rows, columns])], stream => stream.Write(bytes));
        })]);

    /// <summary>Floats of a few layers err by a few units of 2⁻²⁴ of numbers around 1 to 10; 2e-5 of the range is what the fixtures allow.</summary>
    private void Check(Func<double[][]> formula)
    {
        using Model model = Model.Load(folder.Path, new ModelOptions { Strict = true });
        using Device device = new(1);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence(Tokens);
        float[] found = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
        double[] expected = [.. formula().SelectMany(row => row)];
        double tolerance = 2e-5 * (expected.Max() - expected.Min());
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(found[i] - expected[i], -tolerance, tolerance);
    }

    private double[][] Attention(double[][] x, string query, string key, string value, string output, Func<double, double> score) =>
        Times(output, Attended(Turned(Times(query, x)), Turned(Times(key, x)), Times(value, x), score));

    private static double[][] Attended(double[][] queries, double[][] keys, double[][] values, Func<double, double> score)
    {
        int keyHeads = keys[0].Length / Size;
        return
        [
            .. queries.Select((q, position) => Enumerable.Range(0, Heads).SelectMany(head =>
            {
                int start = head * keyHeads / Heads * Size;
                double[] shares = Softmax([.. Enumerable.Range(0, position + 1).Select(other =>
                    score(Enumerable.Range(0, Size).Sum(i => q[(head * Size) + i] * keys[other][start + i])))]);
                return Enumerable.Range(0, Size).Select(i => shares.Select((share, other) => share * values[other][start + i]).Sum());
            }).ToArray()),
        ];
    }

    private static double[][] Turned(double[][] x) => [.. x.Select(Turned)];

    /// <summary>Pairs half a head apart, turned by position · 10000^(−2i/size).</summary>
    private static double[] Turned(double[] heads, int position)
    {
        double[] turned = [.. heads];
        for (int at = 0; at < heads.Length; at += Size)
        {
            for (int i = 0; i < Size / 2; i++)
            {
                (double sine, double cosine) = Math.SinCos(position * Math.Pow(10_000, -2.0 * i / Size));
                (double a, double b) = (heads[at + i], heads[at + i + (Size / 2)]);
                (turned[at + i], turned[at + i + (Size / 2)]) = ((a * cosine) - (b * sine), (b * cosine) + (a * sine));
            }
        }

        return turned;
    }

    private double[] Mixture(double[] x, string router, int chosen, bool renormalised, Func<int, double[]> expert) =>
        Mixture(Times(router, x), chosen, renormalised, expert);

    private static double[] Mixture(double[] logits, int chosen, bool renormalised, Func<int, double[]> expert)
    {
        double[] shares = Softmax(logits);
        int[] best = [.. Enumerable.Range(0, shares.Length).OrderByDescending(e => shares[e]).Take(chosen)];
        double total = renormalised ? best.Sum(e => shares[e]) : 1;
        return best.Select(e => Scaled(expert(e), shares[e] / total)).Aggregate(Plus);
    }

    private double[] Gated(double[] x, string gate, string up, string down, Func<double, double> function) =>
        Times(down, [.. Times(gate, x).Zip(Times(up, x), (g, u) => function(g) * u)]);

    private double[][] Norms(double[][] x, string weight, double epsilon = 1e-5) =>
        [.. x.Select(row => row.Zip(weights[weight].Values, (value, w) => value * w / Math.Sqrt(row.Average(other => other * other) + epsilon)).ToArray())];

    private double[][] Times(string matrix, double[][] x) => [.. x.Select(row => Times(matrix, row))];

    private double[] Times(string matrix, double[] x) => [.. Enumerable.Range(0, weights[matrix].Rows).Select(row => Row(matrix, row).Zip(x, (a, b) => a * b).Sum())];

    private double[] Row(string matrix, int row) => weights[matrix].Values[(row * weights[matrix].Columns)..((row + 1) * weights[matrix].Columns)];

    private static double[][] Sum(double[][] a, double[][] b) => [.. a.Zip(b, Plus)];

    private static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Scaled(double[] x, double factor) => [.. x.Select(value => value * factor)];

    private static double[] Softmax(double[] x) => x.Select(value => Math.Exp(value - x.Max())).ToArray() is var powers ? Scaled(powers, 1 / powers.Sum()) : [];

    private static double Silu(double x) => x / (1 + Math.Exp(-x));

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));
}
