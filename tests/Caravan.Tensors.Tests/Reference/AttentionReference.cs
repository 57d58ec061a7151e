using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>Attention as its definition says: all scores, their softmax, the weighted sum.</summary>
/// <param name="shape">Heads, scale, visibility and cap.</param>
/// <param name="segments">The sequences.</param>
/// <param name="bias">[heads, entries]: for distances of key from query, or for keys; empty for none.</param>
/// <param name="origin">The entry of distance 0, or of key 0.</param>
/// <param name="byKey">Whether entries are for keys.</param>
/// <param name="parts">For each query the part it is in; null for sequences without.</param>
internal sealed class AttentionReference(AttentionShape shape, AttentionSegment[] segments, double[] bias, int origin = 0, bool byKey = false, BiasPart[]? parts = null)
{
    private readonly int size = shape.HeadSize;

    /// <summary>The same with the biases among the inputs, where these have them.</summary>
    public AttentionReference With(double[][] inputs) => inputs.Length > 3 ? new(shape, segments, inputs[3], origin, byKey, parts) : this;

    public Real[] Forward(double[] queries, double[] keys, double[] values)
    {
        Real[] y = new Real[queries.Length];
        foreach ((int query, int key, int[] visible, int[] entries) in Heads())
        {
            Weights weights = Softmax(queries, keys, query, key, visible, entries);
            for (int i = 0; i < size; i++)
                y[query + i] = Real.Dot(visible.Length, j => weights.Powers[j], j => values[visible[j] + key + i]) * weights.Inverse;
        }

        return y;
    }

    /// <summary>Gradients by the formulas of the softmax; a sum over all queries and heads for keys and values.</summary>
    public Real[][] Backward(double[] queries, double[] keys, double[] values, double[] c)
    {
        Real[] y = Forward(queries, keys, values), dq = new Real[queries.Length];
        List<Real>[] dk = [.. keys.Select(_ => new List<Real>())], dv = [.. values.Select(_ => new List<Real>())], db = [.. bias.Select(_ => new List<Real>())];
        foreach ((int query, int key, int[] visible, int[] entries) in Heads())
        {
            Weights weights = Softmax(queries, keys, query, key, visible, entries);
            Real delta = Real.Dot(size, i => c[query + i], i => y[query + i]);
            Real logSum = weights.Shift + Real.Log(weights.Sum);
            List<Real>[] terms = [.. Enumerable.Range(0, size).Select(_ => new List<Real>())];
            for (int j = 0; j < visible.Length; j++)
            {
                int row = visible[j] + key;
                Real probability = Real.Exp(weights.Scores[j] - logSum);
                Real gradient = shape.Scale * probability * (Real.Dot(size, i => c[query + i], i => values[row + i]) - delta) * Slope(weights.Scores[j]);
                if (bias.Length > 0) db[entries[j]].Add(gradient);
                for (int i = 0; i < size; i++)
                {
                    terms[i].Add(gradient * keys[row + i]);
                    dk[row + i].Add(gradient * queries[query + i]);
                    dv[row + i].Add(probability * c[query + i]);
                }
            }

            for (int i = 0; i < size; i++) dq[query + i] = Real.Sum(terms[i]);
        }

        return [dq, [.. dk.Select(Real.Sum)], [.. dv.Select(Real.Sum)], [.. db.Select(Real.Sum)]];
    }

    /// <summary>For each query head: where its features start, where its key head starts in a row, where the rows it sees start, and their biases' entries.</summary>
    private IEnumerable<(int Query, int Key, int[] Visible, int[] Entries)> Heads()
    {
        foreach (AttentionSegment segment in segments)
        {
            for (int query = 0; query < segment.QueryCount; query++)
            {
                int position = segment.KeyCount - segment.QueryCount + query;
                int[] seen =
                [
                    .. Enumerable.Range(0, segment.KeyCount)
                        .Where(key => (!shape.Causal || key <= position || key < segment.Prefix) && (shape.Window == 0 || Math.Abs(position - key) < shape.Window)),
                ];
                int[] visible = [.. seen.Select(key => (segment.KeyStart + key) * shape.KeyWidth)];
                for (int head = 0; head < shape.Heads; head++)
                {
                    int keyHead = head * shape.KeyValueHeads / shape.Heads;
                    yield return (((segment.QueryStart + query) * shape.QueryWidth) + (head * size), keyHead * size, visible, [.. seen.Select(key => (head * (bias.Length / shape.Heads)) + Entry(segment.QueryStart + query, position, key))]);
                }
            }
        }
    }

    private int Entry(int row, int position, int key) =>
        parts is not null && (key < parts[row].First || key >= parts[row].End) ? (int)parts[row].Apart + key : origin + key - (byKey ? 0 : position);

    /// <summary>The value from tanh itself, the error from the form that kernels use: cap · (1 − 2 / (1 + exp(2s / cap))), and back to the scale of products.</summary>
    private Real Capped(Real score)
    {
        if (shape.SoftCap == 0) return score;
        Real bent = (Real)shape.SoftCap * ((Real)1 - ((Real)2 / ((Real)1 + Real.Exp((Real)2 * (score / shape.SoftCap)))));
        return bent.Rounded(4) with { Value = shape.SoftCap * Math.Tanh(score.Value / shape.SoftCap) };
    }

    /// <summary>d cap·tanh(s / cap) / ds = 1 − tanh².</summary>
    private Real Slope(Real capped) => shape.SoftCap == 0 ? 1 : (Real)1 - ((capped / shape.SoftCap) * (capped / shape.SoftCap)).Rounded(2);

    /// <summary>
    /// A softmax is the same whatever shift is taken from the scores, so the shift counts as exact. The streaming kernel reaches the last one
    /// in steps, at most one for each page: an exponential (two and a half roundings) and a product each.
    /// </summary>
    private Weights Softmax(double[] queries, double[] keys, int query, int key, int[] visible, int[] entries)
    {
        Real[] scores = [.. visible.Select((row, j) => Capped(shape.Scale * (Real.Dot(size, i => queries[query + i], i => keys[row + key + i]) + (bias.Length == 0 ? 0 : bias[entries[j]]))))];
        Real shift = scores.Max(score => score.Value);
        int steps = (visible.Length / KernelSet.PageTokens) + 2;
        Real[] powers = [.. scores.Select(score => Real.Exp(score - shift).Rounded(4 * steps))];
        Real sum = Real.Sum(powers);
        return new Weights(scores, powers, shift, sum, (Real)1 / sum);
    }

    private sealed record Weights(Real[] Scores, Real[] Powers, Real Shift, Real Sum, Real Inverse);
}
