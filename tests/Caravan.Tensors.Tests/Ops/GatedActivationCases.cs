using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

internal static class GatedActivationCases
{
    private static readonly Real Root = new Real(Math.Sqrt(2 / Math.PI)).Rounded(1);
    private static readonly Real Cubic = new Real(0.044715).Rounded(1);

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
            Forward = x => [.. x[0].Zip(x[1], (gate, up) => Value(function, gate) * up)],
            Backward = (x, c) =>
            [
                [.. c.Select((gradient, i) => (Real)gradient * x[1][i] * Derivative(function, x[0][i]))],
                [.. c.Select((gradient, i) => gradient * Value(function, x[0][i]))],
            ],
        };
    }

    private static Real Value(ActivationFunction function, double x) => function switch
    {
        ActivationFunction.Silu => (Real)x / ((Real)1 + Real.Exp(-x)),
        ActivationFunction.GeluTanh => (Real)0.5 * x * OnePlusTanh(x),
        ActivationFunction.Relu => Math.Max(x, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "The test knows no such function."),
    };

    private static Real Derivative(ActivationFunction function, double x)
    {
        switch (function)
        {
            case ActivationFunction.Silu:
                Real sigmoid = (Real)1 / ((Real)1 + Real.Exp(-x));
                return sigmoid * ((Real)1 + (x * ((Real)1 - sigmoid)));
            case ActivationFunction.GeluTanh:
                Real half = 0.5, t = OnePlusTanh(x), slope = Root * ((((Real)3 * Cubic).Rounded(1) * x * x) + 1);
                return (half * x * t * ((Real)2 - t) * slope) + (half * t);
            default:
                return x > 0 ? 1 : 0;
        }
    }

    /// <summary>The value from tanh itself, the error from the form that kernels use: 2 / (1 + exp(−2u)).</summary>
    private static Real OnePlusTanh(double x)
    {
        Real u = Root * x * ((Cubic * x * x) + 1);
        Real sigmoid = (Real)2 / ((Real)1 + Real.Exp((Real)(-2) * u));
        return sigmoid with { Value = u.Value > -10 ? 1 + Math.Tanh(u.Value) : sigmoid.Value };
    }
}
