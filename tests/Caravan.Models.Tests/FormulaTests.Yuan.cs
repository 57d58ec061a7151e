namespace Caravan.Models.Tests;

/// <summary>Attention behind convolutions.</summary>
public sealed partial class FormulaTests
{
    /// <summary>Blocks of the queries' projection, and then of the keys', are a query and a key in turn.</summary>
    [Fact]
    public void Yuan2()
    {
        AddEnds("model.norm.weight");
        for (int n = 0; n < Layers; n++)
        {
            string at = $"model.layers.{n}.", attention = at + "self_attn.";
            foreach (string norm in (string[])["input_layernorm", "post_attention_layernorm", "self_attn.lf_gate.output_layernorm"]) Add($"{at}{norm}.weight", Hidden);
            foreach (string part in (string[])["q", "k", "v", "o"]) Add($"{attention}{part}_proj.weight", Hidden, Hidden);
            AddConvolution(attention + "lf_gate.conv1", Hidden / 2, Hidden);
            AddConvolution(attention + "lf_gate.conv2", Hidden, Hidden / 2);
            AddMlp(at);
        }

        Save("yuan", json =>
        {
            json.Remove("num_key_value_heads");
            (json["hidden_act"], json["causal_mask"], json["reset_attention_mask"], json["eod_token"]) = ("silu", true, true, 7);
        });

        CheckEverything(() =>
        {
            double[][] x = [.. Tokens.Select(token => Row("model.embed_tokens.weight", token))];
            for (int n = 0; n < Layers; n++)
            {
                string at = $"model.layers.{n}.", attention = at + "self_attn.", gate = attention + "lf_gate.";
                double[][] normed = Norms(x, at + "input_layernorm.weight");
                double[][] filtered = Norms(Sum(Convolved(gate + "conv2", Convolved(gate + "conv1", normed)), normed), gate + "output_layernorm.weight", 1e-6);
                double[][] both = [.. filtered.Select(row => Times(attention + "q_proj.weight", row).Concat(Times(attention + "k_proj.weight", row)).ToArray())];
                double[][] mixed = Attended(Turned(EverySecond(both, 0)), Turned(EverySecond(both, 1)), Times(attention + "v_proj.weight", normed), score => score / Math.Sqrt(Size));
                x = Sum(x, Times(attention + "o_proj.weight", mixed));
                x = Sum(x, [.. Norms(x, at + "post_attention_layernorm.weight").Select(row => Gated(row, at + "mlp.up_proj.weight", at + "mlp.gate_proj.weight", at + "mlp.down_proj.weight", Silu))]);
            }

            return Times("lm_head.weight", Norms(x, "model.norm.weight"));
        });

        void AddConvolution(string name, int outputs, int inputs)
        {
            Add(name + ".weight", outputs, 2 * inputs);
            shapes[name + ".weight"] = [outputs, inputs, 2, 1];
            Add(name + ".bias", outputs);
        }

        // Before the first row there are zeros.
        double[][] Convolved(string name, double[][] rows) => [.. rows.Select((row, t) => Enumerable.Range(0, weights[name + ".bias"].Rows).Select(output =>
        {
            double[] kernel = Row(name + ".weight", output);
            return weights[name + ".bias"].Values[output] + row.Select((value, input) => (kernel[(2 * input) + 1] * value) + (t == 0 ? 0 : kernel[2 * input] * rows[t - 1][input])).Sum();
        }).ToArray())];

        static double[][] EverySecond(double[][] rows, int first) => [.. rows.Select(row => row.Where((_, i) => i / Size % 2 == first).ToArray())];
    }
}
