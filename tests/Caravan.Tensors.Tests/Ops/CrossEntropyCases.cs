using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class CrossEntropyCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(7);
        yield return Case(random, 5, [3], null, 1, "one row");
        yield return Case(random, 3, [0, 2], null, 10, "logits far apart");
        yield return Case(random, 19, [CrossEntropy.Ignored, 18, 0, -1, 7, 7, CrossEntropy.Ignored], null, 2, "ignored rows");
        yield return Case(random, 16, [1, CrossEntropy.Ignored, 3], 12, 2, "explicit count");
        yield return Case(random, 4, [CrossEntropy.Ignored, CrossEntropy.Ignored], null, 1, "no row counts");
        yield return Case(random, 6, [.. Enumerable.Range(0, 33).Select(i => i % 6)], null, 1, "33 rows");
        yield return Case(random, 1030, [.. Enumerable.Range(0, 40).Select(i => (i % 4 == 0) ? CrossEntropy.Ignored : i * 25)], null, 4, "shared");
        yield return OfTokens(random, 3, [2, 0], 10, "logits far apart");
        yield return OfTokens(random, 19, [18, CrossEntropy.Ignored, 0, -1, 7], 2, "ignored rows");
        yield return OfTokens(random, 1030, [.. Enumerable.Range(0, 40).Select(i => (i % 4 == 0) ? CrossEntropy.Ignored : i * 25)], 4, "shared");
    }

    private static OpCase OfTokens(Random random, int columns, int[] labels, double scale, string name) => new()
    {
        Operator = typeof(TokenLogProbabilities),
        Name = name,
        Large = columns * labels.Length > 1_000,
        Inputs = [OpInput.Of(new Shape(labels.Length, columns), Numbers.Normal(random, labels.Length * columns, scale))],
        Run = (pass, x) => TokenLogProbabilities.Forward(pass, x[0], labels),
        Forward = x => [.. x[0].Chunk(columns).Zip(labels, (row, label) => label < 0 ? 0 : (Real)0 - Loss(row, label))],
        Backward = (x, c) => [[.. x[0].Chunk(columns).Zip(labels).Zip(c, (row, factor) => Gradient(row.First, row.Second, -factor)).SelectMany(row => row)]],
    };

    private static OpCase Case(Random random, int columns, int[] labels, long? count, double scale, string name)
    {
        int counted = labels.Count(label => label >= 0);
        Real weight = (Real)1 / Math.Max(1, count ?? counted);
        return new OpCase
        {
            Operator = typeof(CrossEntropy),
            Name = name,
            Large = columns * labels.Length > 1_000,
            Inputs = [OpInput.Of(new Shape(labels.Length, columns), Numbers.Normal(random, labels.Length * columns, scale))],
            Run = (pass, x) => CrossEntropy.Forward(pass, x[0], labels, count),
            Forward = x => [Real.Sum(x[0].Chunk(columns).Zip(labels, (row, label) => label < 0 ? 0 : Loss(row, label))) * weight],
            Backward = (x, c) => [[.. x[0].Chunk(columns).Zip(labels, (row, label) => Gradient(row, label, weight * c[0])).SelectMany(row => row)]],
        };
    }

    private static Real Loss(double[] logits, int label)
    {
        Real shift = logits.Max();
        return Real.Log(Real.Sum(logits.Select(logit => Real.Exp(logit - shift)))) + (shift - logits[label]);
    }

    private static IEnumerable<Real> Gradient(double[] logits, int label, Real factor)
    {
        if (label < 0) return logits.Select(_ => (Real)0);
        Real shift = logits.Max();
        Real[] powers = [.. logits.Select(logit => Real.Exp(logit - shift))];
        Real scale = factor / Real.Sum(powers);
        return powers.Select((power, i) => i == label ? (scale * power) - factor : scale * power);
    }
}
