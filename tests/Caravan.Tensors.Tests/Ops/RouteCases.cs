using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>The weights of a routing; what is chosen is checked by <see cref="RoutingTests"/>.</summary>
internal static class RouteCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(31);
        foreach ((int rows, int experts, int perRow) in new[] { (1, 1, 1), (3, 4, 2), (7, 8, 2), (5, 60, 4), (40, 6, 6), (700, 33, 3) })
        {
            OpInput logits = OpInput.Random(random, rows, experts);
            yield return Case(logits, perRow, renormalised: true);
            yield return Case(logits, perRow, renormalised: false);
        }
    }

    private static OpCase Case(OpInput logits, int perRow, bool renormalised)
    {
        int experts = (int)logits.Shape.Columns;
        return new OpCase
        {
            Operator = typeof(Route),
            Name = $"{perRow} of {logits.Shape}{(renormalised ? ", renormalised" : "")}",
            Large = logits.Shape.Elements > 1_000,
            Inputs = [logits],
            Run = (pass, x) => Route.Forward(pass, x[0], perRow, renormalised).Weights,
            Forward = x => [.. x[0].Chunk(experts).SelectMany(row => Weights(row, perRow, renormalised))],
            Backward = (x, c) => [[.. x[0].Chunk(experts).Zip(c.Chunk(perRow), (row, gradient) => Gradient(row, gradient, renormalised)).SelectMany(row => row)]],
        };
    }

    private static int[] Chosen(double[] logits, int count) => [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(count)];

    private static Real[] Weights(double[] logits, int perRow, bool renormalised)
    {
        Real[] all = SoftmaxCases.Probabilities(logits), chosen = [.. Chosen(logits, perRow).Select(expert => all[expert])];
        Real sum = Real.Sum(chosen);
        return renormalised ? [.. chosen.Select(weight => weight / sum)] : chosen;
    }

    private static Real[] Gradient(double[] logits, double[] c, bool renormalised)
    {
        Real[] all = SoftmaxCases.Probabilities(logits), weights = Weights(logits, c.Length, renormalised);
        int[] chosen = Chosen(logits, c.Length);
        Real mean = Real.Dot(c.Length, i => weights[i], i => c[i]);
        Real[] gradient = [.. all.Select(probability => renormalised ? 0 : -(probability * mean))];
        for (int i = 0; i < chosen.Length; i++) gradient[chosen[i]] = weights[i] * (c[i] - mean);
        return gradient;
    }
}
