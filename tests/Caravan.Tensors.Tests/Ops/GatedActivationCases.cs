using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class GatedActivationCases
{
    public static IEnumerable<OpCase> All()
    {
        Random random = new(8);
        foreach (ActivationFunction function in Enum.GetValues<ActivationFunction>())
            foreach ((int rows, int columns) in new[] { (1, 1), (2, 5), (3, 16), (7, 19), (33, 6), (33, 301) })
                yield return Case(random, function, rows, columns);
    }

    private static OpCase Case(Random random, ActivationFunction function, int rows, int columns)
    {
        // ReLU has no derivative at 0: its gates keep further from it than central differences reach.
        float[] gates = [.. Numbers.Normal(random, rows * columns, 3).Select(gate => Math.Abs(gate) < 0.01f ? 0.5f : gate)];
        return new OpCase
        {
            Operator = typeof(GatedActivation),
            Name = $"{function} [{rows}, {columns}]",
            Large = rows * columns > 1_000,
            Inputs = [OpInput.Of(new Shape(rows, columns), gates), OpInput.Random(random, rows, columns)],
            Run = (pass, x) => GatedActivation.Forward(pass, function, x[0], x[1]),
            Forward = x => [.. x[0].Zip(x[1], (gate, up) => ActivationReference.Value(function, gate) * up)],
            Backward = (x, c) =>
            [
                [.. c.Select((gradient, i) => (Real)gradient * x[1][i] * ActivationReference.Derivative(function, x[0][i]))],
                [.. c.Select((gradient, i) => gradient * ActivationReference.Value(function, x[0][i]))],
            ],
        };
    }
}
