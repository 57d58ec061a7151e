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
            foreach (int order in (int[])[0, 1, 2, 3]) yield return Case(logits, perRow, order);
        }
    }

    /// <param name="logits">Of all experts.</param>
    /// <param name="perRow">Experts for each row.</param>
    /// <param name="order">Of the norm that weights are divided by; 0 for none.</param>
    private static OpCase Case(OpInput logits, int perRow, int order)
    {
        int experts = (int)logits.Shape.Columns;
        return new OpCase
        {
            Operator = typeof(Route),
            Name = $"{perRow} of {logits.Shape}{(order > 0 ? $", divided by norm {order}" : "")}",
            Large = logits.Shape.Elements > 1_000,
            Inputs = [logits],
            Run = (pass, x) => Route.Forward(pass, x[0], perRow, order > 0, order).Weights,
            Forward = x => [.. x[0].Chunk(experts).SelectMany(row => Weights(row, perRow, order))],
            Backward = (x, c) => [[.. x[0].Chunk(experts).Zip(c.Chunk(perRow), (row, gradient) => Gradient(row, gradient, order)).SelectMany(row => row)]],
        };
    }

    private static int[] Chosen(double[] logits, int count) => [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(count)];

    private static Real[] Weights(double[] logits, int perRow, int order)
    {
        Real[] all = SoftmaxCases.Probabilities(logits), chosen = [.. Chosen(logits, perRow).Select(expert => all[expert])];
        if (order == 0) return chosen;
        Real sum = Real.Sum(chosen.Select(weight => Power(weight, order)));
        Real norm = order switch { 1 => sum, 2 => Real.Sqrt(sum), _ => Real.Exp(Real.Log(sum) / order) };
        return [.. chosen.Select(weight => weight / norm)];
    }

    private static Real[] Gradient(double[] logits, double[] c, int order)
    {
        Real[] all = SoftmaxCases.Probabilities(logits), weights = Weights(logits, c.Length, order);
        int[] chosen = Chosen(logits, c.Length);
        Real mean = Real.Dot(c.Length, i => weights[i], i => c[i]);
        Real[] gradient = [.. all.Select(probability => order > 0 ? 0 : -(probability * mean))];
        for (int i = 0; i < chosen.Length; i++) gradient[chosen[i]] = weights[i] * (c[i] - (mean * Power(weights[i], order - 1)));
        return gradient;
    }

    private static Real Power(Real value, int exponent) => exponent <= 0 ? 1 : value * Power(value, exponent - 1);
}
