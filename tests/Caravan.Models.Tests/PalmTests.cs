using Caravan.Formats;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// The open PaLM has no reference output: a small random checkpoint under its published names against its formulas, written out in double precision.
/// </summary>
public sealed class PalmTests : IDisposable
{
    private const int Hidden = 12, Heads = 3, Size = 6, Width = 24, Vocabulary = 20, Layers = 2, DecayLength = 8;

    private static readonly int[] Tokens = [3, 17, 5, 5, 11, 0, 19, 8, 2, 2, 14];

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, (int Columns, float[] Values)> weights = new(StringComparer.Ordinal);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void LogitsAreThoseOfTheFormulas()
    {
        Write();
        using Model model = Model.Load(folder.Path, new ModelOptions { Strict = true });
        using Device device = new(1);
        using Pass pass = new(device);
        double[][] expected = Logits();
        float[] whole = Run(model, pass, Tokens.Length), pieces = Run(model, pass, 3);
        // Some dozens of sums of some dozens of products of numbers around 1.
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Equal(expected[i / Vocabulary][i % Vocabulary], whole[i], 2e-5);
            Assert.Equal(expected[i / Vocabulary][i % Vocabulary], pieces[i], 2e-5);
        }
    }

    private static float[] Run(Model model, Pass pass, int chunk)
    {
        using KeyValuePages pages = new(model.Decoder.Spec, 1, Kernels.DType.F32);
        List<float> logits = [];
        Batch batch = new();
        for (int start = 0; start < Tokens.Length; start += chunk)
        {
            batch.Clear();
            batch.AddCached(Tokens.AsSpan(start, Math.Min(chunk, Tokens.Length - start)), start, [0], LogitRows.All, Tokens.Length);
            logits.AddRange(model.Decoder.Forward(pass, batch, pages)!.Floats.AsSpan().ToArray());
        }

        pass.Reset();
        return [.. logits];
    }

    private void Write()
    {
        Add("token_emb.weight", Vocabulary, Hidden);
        for (int n = 0; n < Layers; n++)
        {
            Add($"layers.{n}.fn.norm.gamma", Hidden);
            Add($"layers.{n}.fn.fused_attn_ff_proj.weight", (Heads * Size) + (2 * Size) + (2 * Width), Hidden);
            Add($"layers.{n}.fn.attn_out.weight", Hidden, Heads * Size);
            Add($"layers.{n}.fn.ff_out.2.weight", Hidden, Width);
            Add($"layers.{n}.fn.norm.beta", Hidden);
        }

        Add("norm.gamma", Hidden);
        File.WriteAllText(folder.File("config.json"), $$"""
            { "model_type": "palm", "num_tokens": {{Vocabulary}}, "dim": {{Hidden}}, "depth": {{Layers}}, "heads": {{Heads}}, "dim_head": {{Size}}, "ff_mult": 2, "rotary_xpos_scale_base": {{DecayLength}} }
            """);
        SafetensorsWriter.Write(folder.File("model.safetensors"), [.. weights.Select(pair =>
        {
            byte[] bytes = new byte[pair.Value.Values.Length * sizeof(float)];
            Buffer.BlockCopy(pair.Value.Values, 0, bytes, 0, bytes.Length);
            int rows = pair.Value.Values.Length / pair.Value.Columns;
            return new TensorSource(pair.Key, Kernels.DType.F32, pair.Value.Columns == 1 ? [rows] : [rows, pair.Value.Columns], stream => stream.Write(bytes));
        })]);
    }

    private void Add(string name, int rows, int columns = 1)
    {
        Random random = new(weights.Count);
        (float scale, float centre) = columns == 1 ? (0.4f, 1) : (4 / MathF.Sqrt(columns), 0);
        weights.Add(name, (columns, [.. Enumerable.Range(0, rows * columns).Select(_ => centre + (scale * (random.NextSingle() - 0.5f)))]));
    }

    private double[][] Logits()
    {
        double[][] x = [.. Tokens.Select(token => Row("token_emb.weight", token))];
        for (int n = 0; n < Layers; n++)
        {
            string at = $"layers.{n}.fn.";
            double[][] fused = [.. x.Select(row => Times(at + "fused_attn_ff_proj.weight", Normed(at + "norm.gamma", row)))];
            double[][] keys = [.. fused.Select((row, place) => Rotated(row[(Heads * Size)..((Heads + 1) * Size)], place, -1))];
            x = [.. x.Select((row, place) =>
            {
                double[] mixed = [.. Enumerable.Range(0, Heads).SelectMany(head => Attended(fused, keys, place, head))];
                double[] values = fused[place][^(2 * Width)..^Width], gates = fused[place][^Width..];
                double[] inner = [.. values.Zip(gates, (value, gate) => value * gate / (1 + Math.Exp(-gate)))];
                return Sum(row, Sum(Times(at + "attn_out.weight", mixed), Times(at + "ff_out.2.weight", inner)));
            })];
        }

        return [.. x.Select(row => Times("token_emb.weight", Normed("norm.gamma", row)))];
    }

    private static double[] Attended(double[][] fused, double[][] keys, int place, int head)
    {
        double[] query = Rotated(fused[place][(head * Size)..((head + 1) * Size)], place, 1);
        double[] weights = [.. keys.Take(place + 1).Select(key => Math.Exp(query.Zip(key, (q, k) => q * k).Sum() / Math.Sqrt(Size)))];
        return [.. Enumerable.Range(0, Size).Select(i => weights.Select((weight, j) => weight * fused[j][((Heads + 1) * Size) + i]).Sum() / weights.Sum())];
    }

    /// <summary>Halves of the head turn by position · 10000^(−2i/Size) and grow or shrink by ((2i + 0.4·Size) / (1.4·Size))^(position / DecayLength).</summary>
    private static double[] Rotated(double[] head, int position, int sign)
    {
        double[] result = new double[Size];
        for (int i = 0; i < Size / 2; i++)
        {
            double angle = position * Math.Pow(10_000, -2.0 * i / Size), grown = Math.Pow(((2 * i) + (0.4 * Size)) / (1.4 * Size), sign * (double)position / DecayLength);
            result[i] = grown * ((head[i] * Math.Cos(angle)) - (head[i + (Size / 2)] * Math.Sin(angle)));
            result[i + (Size / 2)] = grown * ((head[i + (Size / 2)] * Math.Cos(angle)) + (head[i] * Math.Sin(angle)));
        }

        return result;
    }

    private double[] Normed(string name, double[] row)
    {
        double mean = row.Average(), deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-5);
        return [.. row.Select((value, i) => (value - mean) / deviation * weights[name].Values[i])];
    }

    private double[] Row(string name, int row) => [.. weights[name].Values.Skip(row * weights[name].Columns).Take(weights[name].Columns).Select(value => (double)value)];

    private double[] Times(string name, double[] x) =>
        [.. Enumerable.Range(0, weights[name].Values.Length / weights[name].Columns).Select(row => Row(name, row).Zip(x, (w, value) => w * value).Sum())];

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
