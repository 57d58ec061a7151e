using System.Numerics;
using System.Text.Json.Nodes;
using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models.Tests;

/// <summary>Recurrent families, by sums over the whole past; their layers keep states instead.</summary>
public sealed partial class FormulaTests
{
    [Fact]
    public void RetNet()
    {
        const int ValueSize = 2 * Size;
        Add("model.embeddings.weight", Vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string at = $"model.layers.{n}.";
            foreach (string norm in (string[])["attn_norm", "mlp_norm"]) Add($"{at}{norm}.weight", Hidden);
            foreach (string part in (string[])["q", "k"]) Add($"{at}attn.{part}_proj.weight", Heads * Size, Hidden);
            foreach (string part in (string[])["v", "g"]) Add($"{at}attn.{part}_proj.weight", Heads * ValueSize, Hidden);
            Add(at + "attn.g_norm_swish_gate.weight", ValueSize);
            Add(at + "attn.o_proj.weight", Hidden, Heads * ValueSize);
            AddGated(at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight", at + "mlp.down_proj.weight", Width);
        }

        Add("model.norm.weight", Hidden);
        Add("lm_head.weight", Vocabulary, Hidden);
        Save("retnet", json =>
        {
            foreach (string key in (string[])["num_attention_heads", "num_key_value_heads", "rms_norm_eps"]) json.Remove(key);
            (json["num_heads"], json["expand_k"], json["expand_v"], json["norm_eps"], json["attn_mode"], json["fuse_norm"]) = (Heads, 1, 2, 1e-5, "chunk", true);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("model.embeddings.weight", token))];
            for (int n = 0; n < Layers; n++)
            {
                string at = $"model.layers.{n}.";
                double[][] normed = Norms(x, at + "attn_norm.weight");
                double[][] queries = [.. normed.Select((row, t) => Turned(Times(at + "attn.q_proj.weight", row), t))], keys = [.. normed.Select((row, t) => Turned(Times(at + "attn.k_proj.weight", row), t))];
                double[][] values = [.. normed.Select(row => Times(at + "attn.v_proj.weight", row))];
                x = Sum(x, [.. normed.Select((row, t) =>
                {
                    double[] gates = Times(at + "attn.g_proj.weight", row);
                    double[] retained = [.. Enumerable.Range(0, Heads).SelectMany(head => Norms([Retained(head, t)], at + "attn.g_norm_swish_gate.weight")[0])];
                    return Times(at + "attn.o_proj.weight", [.. retained.Zip(gates, (r, g) => r * Silu(g))]);

                    double[] Retained(int head, int t) => [.. Enumerable.Range(head * ValueSize, ValueSize).Select(i => Enumerable.Range(0, t + 1).Sum(s =>
                        Math.Pow(1 - Math.Pow(2, -5 - head), t - s) / Math.Sqrt(Size) * values[s][i]
                        * Enumerable.Range(head * Size, Size).Sum(k => queries[t][k] * keys[s][k])))];
                })]);
                x = Sum(x, [.. Norms(x, at + "mlp_norm.weight").Select(row => Gated(row, at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight", at + "mlp.down_proj.weight", Silu))]);
            }

            return [.. Norms(x, "model.norm.weight").Select(row => Times("lm_head.weight", row))];
        });
    }

    /// <summary>The first layer convolves, the second attends; projections take turns head by head, or come one after the other.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void StripedHyena(bool byHead)
    {
        const int Taps = 3, Modes = 2;
        const string hyena = "backbone.blocks.0.", attention = "backbone.blocks.1.";
        Add("backbone.embedding_layer.weight", Vocabulary, Hidden);
        foreach (string at in (string[])[hyena, attention])
        {
            foreach (string norm in (string[])["pre_norm", "post_norm"]) Add($"{at}{norm}.scale", Hidden);
            AddGated(at + "mlp.l1.weight", at + "mlp.l2.weight", at + "mlp.l3.weight", Width);
        }

        Add(hyena + "projections.weight", 3 * Hidden, Hidden);
        Add(hyena + "projections.bias", 3 * Hidden);
        Add(hyena + "filter.short_filter_weight", 3 * Hidden, Taps);
        Add(hyena + "filter.short_filter_bias", 3 * Hidden);
        Add(hyena + "filter.poles", Hidden, 2 * Modes);
        Add(hyena + "filter.residues", Hidden, 2 * Modes);
        Add(hyena + "filter.D", Hidden);
        Add(hyena + "out_filter_dense.weight", Hidden, Hidden);
        Add(hyena + "out_filter_dense.bias", Hidden);
        shapes[hyena + "filter.short_filter_weight"] = [3 * Hidden, 1, Taps];
        shapes[hyena + "filter.poles"] = shapes[hyena + "filter.residues"] = [Hidden, Modes, 1, 2];
        double[] poles = weights[hyena + "filter.poles"].Values;
        for (int i = 0; i < poles.Length; i++) poles[i] = (float)(0.6 * poles[i]);
        Add(attention + "inner_mha_cls.Wqkv.weight", (Heads + (2 * KeyHeads)) * Size, Hidden);
        Add(attention + "inner_mha_cls.out_proj.weight", Hidden, Hidden);
        Add("backbone.norm.scale", Hidden);
        Add("backbone.unembed.weight", Vocabulary, Hidden);
        Save("stripedhyena", json =>
        {
            foreach (string key in (string[])["num_hidden_layers", "num_key_value_heads", "max_position_embeddings", "intermediate_size", "rms_norm_eps", "tie_word_embeddings"]) json.Remove(key);
            (json["num_layers"], json["proj_groups"], json["max_seqlen"], json["inner_mlp_size"], json["eps"], json["tie_embeddings"]) = (Layers, Heads / KeyHeads, 64, Width, 1e-5, false);
            (json["attn_layer_idxs"], json["hyena_layer_idxs"], json["column_split_hyena"], json["state_size"]) = (new JsonArray(1), new JsonArray(0), byHead, Modes);
            (json["num_filters"], json["hyena_filter_groups"], json["short_filter_length"], json["short_filter_bias"], json["rotary_emb_base"]) = (Hidden, 1, Taps, true, 10_000);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("backbone.embedding_layer.weight", token))];
            double[][] projected = [.. Norms(x, hyena + "pre_norm.scale").Select(row => Plus(Times(hyena + "projections.weight", row), weights[hyena + "projections.bias"].Values))];
            double[][] z = [.. projected.Select((_, t) => Enumerable.Range(0, 3 * Hidden).Select(c => weights[hyena + "filter.short_filter_bias"].Values[c]
                + Enumerable.Range(0, Taps).Sum(j => t - Taps + 1 + j < 0 ? 0 : Row(hyena + "filter.short_filter_weight", c)[j] * projected[t - Taps + 1 + j][c])).ToArray())];
            x = Sum(x, [.. z.Select((row, t) => Plus(Times(hyena + "out_filter_dense.weight", [.. Enumerable.Range(0, Hidden).Select(c =>
            {
                double sum = weights[hyena + "filter.D"].Values[c] * row[Place(1, c)] * row[Place(2, c)];
                for (int s = 0; s <= t; s++) sum += Filter(c, t - s) * z[s][Place(1, c)] * z[s][Place(2, c)];
                return row[Place(0, c)] * sum;
            })]), weights[hyena + "out_filter_dense.bias"].Values))]);
            x = Sum(x, FeedForward(x, hyena));
            (int from, string name)[] parts = [(0, "query"), (Heads * Size, "key"), ((Heads + KeyHeads) * Size, "value")];
            foreach ((int from, string name) in parts)
            {
                int rows = from == 0 ? Heads * Size : KeyHeads * Size;
                weights[name] = (rows, Hidden, weights[attention + "inner_mha_cls.Wqkv.weight"].Values[(from * Hidden)..((from + rows) * Hidden)]);
            }

            x = Sum(x, Attention(Norms(x, attention + "pre_norm.scale"), "query", "key", "value", attention + "inner_mha_cls.out_proj.weight", score => score / Math.Sqrt(Size)));
            x = Sum(x, FeedForward(x, attention));
            return [.. Norms(x, "backbone.norm.scale").Select(row => Times("backbone.unembed.weight", row))];
        });

        int Place(int part, int channel) => byHead ? (((channel / Size * 3) + part) * Size) + (channel % Size) : (part * Hidden) + channel;

        double Filter(int channel, int age) => Enumerable.Range(0, Modes).Sum(mode =>
            (Mode("filter.residues", channel, mode) * Complex.Pow(Mode("filter.poles", channel, mode), age)).Real);

        Complex Mode(string name, int channel, int mode) => new(Row(hyena + name, channel)[2 * mode], Row(hyena + name, channel)[(2 * mode) + 1]);

        double[][] FeedForward(double[][] x, string at) =>
            [.. Norms(x, at + "post_norm.scale").Select(row => Gated(row, at + "mlp.l1.weight", at + "mlp.l2.weight", at + "mlp.l3.weight", Silu))];
    }

    /// <summary>The same numbers whole and token by token, from a slot that held something else.</summary>
    private void CheckInTurns(Func<double[][]> formula)
    {
        double[] expected = [];
        Check(() =>
        {
            double[][] rows = formula();
            expected = [.. rows.SelectMany(row => row)];
            return rows;
        });
        double tolerance = 2e-5 * (expected.Max() - expected.Min());
        using Model model = Model.Load(folder.Path);
        using Device device = new(2);
        using Pass pass = new(device);
        using KeyValuePages pages = new(model.Decoder.Spec, 2, DType.F32);
        using SequenceStates states = new(model.Decoder.Spec, 2);
        for (int layer = 0; layer < Layers; layer++) states.SequenceMixer(layer).Memory.AsSpan().Fill(float.NaN);
        Batch batch = new();
        for (int t = 0; t < Tokens.Length; t++)
        {
            batch.Clear();
            batch.AddCached(Tokens.AsSpan(t, 1), t, [1], LogitRows.All, Tokens.Length, slot: 1);
            float[] found = model.Decoder.Forward(pass, batch, pages, states: states)!.Floats.AsSpan().ToArray();
            for (int i = 0; i < found.Length; i++) Assert.InRange(found[i] - expected[(t * found.Length) + i], -tolerance, tolerance);
            pass.Reset();
        }
    }
}
