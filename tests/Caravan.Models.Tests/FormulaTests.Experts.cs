using System.Text.Json.Nodes;

namespace Caravan.Models.Tests;

/// <summary>LLaMA's kin with experts.</summary>
public sealed partial class FormulaTests
{
    /// <summary>With one matrix to choose by or two, and one factor for all layers or one for each.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LlamaMoe(bool deep)
    {
        double[] scales = deep ? [4, 2.5] : [1.5, 1.5];
        AddEnds("model.norm.weight");
        for (int n = 0; n < Layers; n++)
        {
            string at = AddLlamaLayer(n), gate = at + "mlp.gate.gate_network.";
            if (deep)
            {
                Add(gate + "0.weight", Experts, Hidden);
                Add(gate + "2.weight", Experts, Experts);
            }
            else
            {
                Add(gate + "weight", Experts, Hidden);
            }

            Add(at + "mlp.gate.weight_noise.weight", Experts, Hidden);
            for (int e = 0; e < Experts; e++) AddGated($"{at}mlp.calculator.experts.weight_gate.{e}", $"{at}mlp.calculator.experts.weight_up.{e}", $"{at}mlp.calculator.experts.weight_down.{e}", Width);
        }

        Save("llama_moe", json =>
        {
            (json["num_experts"], json["num_selects"], json["intermediate_size"], json["gate_network"]) = (Experts, 2, Experts * Width, deep ? "mlp" : "linear");
            json["score_scale_factor"] = deep ? new JsonArray(4, 2.5) : 1.5;
            json["size_experts"] = deep ? JsonNode.Parse($"[[{Width},{Width},{Width}],[{Width},{Width},{Width}]]") : null;
        });

        CheckEverything(() => LlamaLogits("model.norm.weight", (n, at, x) => [.. Norms(x, at + "post_attention_layernorm.weight").Select(row =>
        {
            string gate = at + "mlp.gate.gate_network.", experts = at + "mlp.calculator.experts.weight_";
            double[] logits = deep ? Times(gate + "2.weight", [.. Times(gate + "0.weight", row).Select(Math.Tanh)]) : Times(gate + "weight", row);
            return Scaled(Mixture(logits, 2, renormalised: true, e => Gated(row, $"{experts}gate.{e}", $"{experts}up.{e}", $"{experts}down.{e}", Silu)), scales[n]);
        })]));
    }

    /// <summary>Under the name of its own with a tensor for each expert, and under LLaMA's with stacks. The first layer has no experts.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenMoe(bool stacked)
    {
        AddEnds("model.norm.weight");
        for (int n = 0; n < Layers; n++)
        {
            string at = AddLlamaLayer(n);
            if (n == 0)
            {
                AddTripled(at + "mlp.");
                continue;
            }

            Add(at + (stacked ? "mlp.gate_weight" : "mlp.gate.weight"), Experts, Hidden);
            Add(at + "pre_extra_mlp_layernorm.weight", Hidden);
            AddTripled(at + "extra_mlp.");
            for (int e = 0; e < Experts && !stacked; e++) AddTripled($"{at}mlp.experts.{e}.");
            foreach ((string name, int rows, int columns) in stacked ? [("wi_gate", Hidden, 2 * Width), ("wi_up", Hidden, Width), ("wo", Width, Hidden)] : Array.Empty<(string, int, int)>())
            {
                Add($"{at}mlp.experts.{name}", Experts * rows, columns);
                shapes[$"{at}mlp.experts.{name}"] = [Experts, rows, columns];
            }
        }

        Save(stacked ? "llama" : "openmoe", json =>
            (json["num_experts"], json["router_topk"], json["moe_layer_interval"], json["hidden_act"], json["mlp_gated"], json["head_dim"]) = (Experts, 2, 2, "swiglu", true, Size));

        CheckEverything(() => LlamaLogits("model.norm.weight", (n, at, x) =>
        {
            double[][] normed = Norms(x, at + "post_attention_layernorm.weight");
            if (n == 0) return [.. normed.Select(row => Tripled(row, at + "mlp."))];
            double[][] chosen = [.. normed.Select(row => Mixture(row, at + (stacked ? "mlp.gate_weight" : "mlp.gate.weight"), 2, renormalised: false, e =>
            {
                string expert = $"{at}mlp.experts.{e}.";
                foreach ((string name, string stack) in stacked ? [("gate_proj", "wi_gate"), ("up_proj", "wi_up"), ("down_proj", "wo")] : Array.Empty<(string, string)>())
                    weights[$"{expert}{name}.weight"] = Turned($"{at}mlp.experts.{stack}", e);
                return Tripled(row, expert);
            }))];
            return Sum(chosen, [.. Norms(Sum(x, chosen), at + "pre_extra_mlp_layernorm.weight").Select(row => Tripled(row, at + "extra_mlp."))]);
        }, score => score));

        void AddTripled(string at)
        {
            Add(at + "gate_proj.weight", 2 * Width, Hidden);
            Add(at + "up_proj.weight", Width, Hidden);
            Add(at + "down_proj.weight", Hidden, Width);
        }

        double[] Tripled(double[] row, string at)
        {
            double[] gates = Times(at + "gate_proj.weight", row), up = Times(at + "up_proj.weight", row);
            return Times(at + "down_proj.weight", [.. up.Select((value, i) => gates[i] * Silu(gates[Width + i]) * value)]);
        }

        (int Rows, int Columns, double[] Values) Turned(string stack, int expert)
        {
            (int all, int columns, double[] values) = weights[stack];
            int rows = all / Experts;
            return (columns, rows, [.. Enumerable.Range(0, columns * rows).Select(i => values[(((expert * rows) + (i % rows)) * columns) + (i / rows)])]);
        }
    }

    /// <summary>Without a number of experts DeepSeek's class is LLaMA's.</summary>
    [Fact]
    public void DeepSeekWithoutExperts()
    {
        AddEnds("model.norm.weight");
        for (int n = 0; n < Layers; n++) AddMlp(AddLlamaLayer(n));
        Save("deepseek", json => (json["n_routed_experts"], json["n_shared_experts"], json["num_experts_per_tok"], json["moe_intermediate_size"], json["first_k_dense_replace"]) = (null, null, null, 1407, 0));
        CheckEverything(() => LlamaLogits("model.norm.weight", (_, at, x) => Mlp(at, Norms(x, at + "post_attention_layernorm.weight"))));
    }

    private void AddEnds(string norm)
    {
        Add("model.embed_tokens.weight", Vocabulary, Hidden);
        Add(norm, Hidden);
        Add("lm_head.weight", Vocabulary, Hidden);
    }

    private string AddLlamaLayer(int n, string first = "input_layernorm.weight", string second = "post_attention_layernorm.weight")
    {
        string at = $"model.layers.{n}.", attention = at + "self_attn.";
        Add(at + first, Hidden);
        Add(at + second, Hidden);
        AddAttention(attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight", attention + "o_proj.weight");
        return at;
    }

    private void AddMlp(string at) => AddGated(at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight", at + "mlp.down_proj.weight", Width);

    private double[][] Mlp(string at, double[][] x) =>
        [.. x.Select(row => Gated(row, at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight", at + "mlp.down_proj.weight", Silu))];

    /// <summary>LLaMA's layers with another second half.</summary>
    private double[][] LlamaLogits(string norm, Func<int, string, double[][], double[][]> secondHalf, Func<double, double>? score = null)
    {
        double[][] x = [.. Tokens.Select(token => Row("model.embed_tokens.weight", token))];
        for (int n = 0; n < Layers; n++)
        {
            string at = $"model.layers.{n}.", attention = at + "self_attn.";
            x = Sum(x, Attention(
                Norms(x, at + "input_layernorm.weight"), attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight", attention + "o_proj.weight",
                score ?? (value => value / Math.Sqrt(Size))));
            x = Sum(x, secondHalf(n, at, x));
        }

        return Times("lm_head.weight", Norms(x, norm));
    }
}
