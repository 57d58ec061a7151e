using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>RWKV-5 and RWKV-6, by sums over the whole past.</summary>
public sealed partial class FormulaTests
{
    private const double HeadEpsilon = 1e-5 * 8 * 8;

    /// <summary>Shares of mixtures are those of the row itself, and decays are the same for all rows.</summary>
    [Fact]
    public void Rwkv5()
    {
        WriteRwkv(5);
        CheckEverything(() => Rwkv(
            "time_mix_key", "time_mix_receptance", sharesOfPast: false,
            (at, part, row, before) => Mixture(row, before, weights[$"{at}time_mix_{part}"].Values),
            (at, _, _) => [.. weights[at + "time_decay"].Values.Select(Fade)]));
    }

    /// <summary>Shares are those of the row before and depend on the row, and so do decays.</summary>
    [Fact]
    public void Rwkv6()
    {
        WriteRwkv(6);
        CheckEverything(() => Rwkv(
            "time_maa_k", "time_maa_r", sharesOfPast: true, Seen,
            (at, row, before) =>
            {
                double[] narrow = [.. Through(at + "time_decay_w1", Seen(at, "w", row, before)).Select(Math.Tanh)];
                return [.. Plus(weights[at + "time_decay"].Values, Through(at + "time_decay_w2", narrow)).Select(Fade)];
            }));

        double[] Seen(string at, string part, double[] row, double[] before)
        {
            int rank = weights[at + "time_maa_w1"].Columns / 5, number = Array.IndexOf(["w", "k", "v", "r", "g"], part[..1]);
            double[] narrow = [.. Through(at + "time_maa_w1", Mixture(before, row, weights[at + "time_maa_x"].Values)).Select(Math.Tanh)];
            double[] share = [.. weights[$"{at}time_maa_{part[0]}"].Values.Select((value, i) =>
                value + Enumerable.Range(0, rank).Sum(r => narrow[(number * rank) + r] * Row(at + "time_maa_w2", (number * rank) + r)[i]))];
            return Mixture(before, row, share);
        }
    }

    /// <summary>A stack of matrices counts as one below the other.</summary>
    private void WriteRwkv(int version)
    {
        foreach ((string name, (long[] shape, float[] values)) in TinyRwkv.Write(folder.Path, version))
        {
            int columns = shape.Length == 1 ? 1 : (int)shape[^1];
            shapes[name] = shape;
            weights.Add(name, (values.Length / columns, columns, [.. values.Select(value => (double)value)]));
        }
    }

    /// <summary>The logits, given what a projection sees of a row and the row before, and how much of the past a row leaves.</summary>
    private double[][] Rwkv(
        string keyMix, string receptanceMix, bool sharesOfPast, Func<string, string, double[], double[], double[]> seen, Func<string, double[], double[], double[]> fade)
    {
        double[][] x = LayerNorms([.. Tokens.Select(token => Row("rwkv.embeddings.weight", token))], "rwkv.blocks.0.pre_ln");
        for (int n = 0; n < Layers; n++)
        {
            string at = $"rwkv.blocks.{n}.attention.", feedForward = $"rwkv.blocks.{n}.feed_forward.";
            double[][] rows = LayerNorms(x, $"rwkv.blocks.{n}.ln1"), keys = Projected("key"), values = Projected("value"), receptances = Projected("receptance");
            double[][] gates = Projected("gate"), kept = [.. rows.Select((row, t) => fade(at, row, Before(rows, t)))];
            x = Sum(x, [.. rows.Select((_, t) => Times(at + "output.weight", [.. HeadNorms(Read(t), at + "ln_x").Zip(gates[t], (r, g) => r * Silu(g))]))]);
            rows = LayerNorms(x, $"rwkv.blocks.{n}.ln2");
            x = Sum(x, [.. rows.Select((row, t) =>
            {
                double[] inner = [.. Times(feedForward + "key.weight", Shifted(keyMix)).Select(value => Math.Pow(Math.Max(value, 0), 2))];
                double[] open = [.. Times(feedForward + "receptance.weight", Shifted(receptanceMix)).Select(value => 1 / (1 + Math.Exp(-value)))];
                return Times(feedForward + "value.weight", inner).Zip(open, (value, share) => value * share).ToArray();

                double[] Shifted(string mix) => sharesOfPast
                    ? Mixture(Before(rows, t), row, weights[feedForward + mix].Values)
                    : Mixture(row, Before(rows, t), weights[feedForward + mix].Values);
            })]);

            double[][] Projected(string part) => [.. rows.Select((row, t) => Times($"{at}{part}.weight", seen(at, part, row, Before(rows, t))))];

            double[] Read(int t) => [.. Enumerable.Range(0, Hidden).Select(j => Enumerable.Range(j / Size * Size, Size).Sum(k =>
            {
                double memory = weights[at + "time_faaaa"].Values[k] * keys[t][k] * values[t][j], left = 1;
                for (int s = t - 1; s >= 0; left *= kept[s--][k]) memory += left * keys[s][k] * values[s][j];
                return receptances[t][k] * memory;
            }))];
        }

        return [.. LayerNorms(x, "rwkv.ln_out").Select(row => Times("head.weight", row))];
    }

    private static double Fade(double decay) => Math.Exp(-Math.Exp(decay));

    private static double[] Before(double[][] rows, int t) => t == 0 ? new double[rows[0].Length] : rows[t - 1];

    private static double[] Mixture(double[] a, double[] b, double[] shares) => [.. shares.Select((share, i) => (share * a[i]) + ((1 - share) * b[i]))];

    /// <summary>x · matrix.</summary>
    private double[] Through(string matrix, double[] x) =>
        [.. Enumerable.Range(0, weights[matrix].Columns).Select(column => x.Select((value, row) => value * Row(matrix, row)[column]).Sum())];

    private double[][] LayerNorms(double[][] x, string name) => [.. x.Select(row => Normed(row, name, 0, 1e-5))];

    private double[] HeadNorms(double[] x, string name) => [.. x.Chunk(Size).SelectMany((head, number) => Normed(head, name, number * Size, HeadEpsilon))];

    private double[] Normed(double[] x, string name, int start, double epsilon)
    {
        double mean = x.Average(), deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + epsilon);
        return [.. x.Select((value, i) => ((value - mean) / deviation * weights[name + ".weight"].Values[start + i]) + weights[name + ".bias"].Values[start + i])];
    }
}
